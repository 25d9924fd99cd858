"""The command line. Bad input gets one line and exit 2; `list`, `show` and `predict` never load torch."""

from __future__ import annotations

import json
import os
import secrets
import signal
import sys
import traceback
from pathlib import Path
from typing import Any

import click

from lazy_assay import theory
from lazy_assay.checks.cli.arguments import parsed
from lazy_assay.checks.vocabulary.text import json_text, line
from lazy_assay.theory import InvalidParameterError, UnknownClaimError

USAGE, INCOMPLETE, MACHINE = 2, 3, 4
PROFILES = ("quick", "full", "nightly")


@click.group(no_args_is_help=False, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="lazy-assay", prog_name="assay")
def assay() -> None:
    """Confront claims about over-parameterised networks with simulations.

    Exit codes: 0 all as expected, 1 a status differs, 2 a usage error, 3 undecided or incomplete, 4 the machine failed.
    """


def main() -> None:
    """Entry point: every foreseeable error is one line on stderr, and its exit code."""
    for name in ("SIGTERM", "SIGHUP"):
        # A job that is told to end ends as by Ctrl-C: with a report of what is finished, and how to go on.
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.default_int_handler)
    code = run_command(sys.argv[1:])
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        # Who read our output has stopped: that is no finding. Python would complain again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)


def run_command(arguments: list[str]) -> int:
    """Run one command line and return its exit code."""
    from lazy_assay.checks.engine.confront import UsageError
    from lazy_assay.checks.ledger import JournalError, LedgerError

    try:
        return int(assay.main(args=arguments, prog_name="assay", standalone_mode=False) or 0)
    except click.UsageError as error:
        where = error.ctx.command_path if error.ctx else "assay"
        return _refuse(f"{error.format_message()} See `{where} --help`.")
    except (click.Abort, KeyboardInterrupt):
        return _refuse("stopped", code=INCOMPLETE)
    except BrokenPipeError:
        return 0
    except JournalError as error:
        return _refuse(str(error), code=MACHINE)
    except (UsageError, LedgerError, InvalidParameterError, UnknownClaimError) as error:
        return _refuse(str(error))
    except click.ClickException as error:
        return _refuse(error.format_message())
    except (OSError, MemoryError) as error:
        return _refuse(_machine(error), code=MACHINE)
    except Exception:
        # A check that cannot be imported, a broken library: never a finding, so never exit code 1.
        traceback.print_exc()
        return MACHINE


def _refuse(message: str, code: int = USAGE) -> int:
    click.echo("assay: " + line(message), err=True)
    return code


def _machine(error: OSError | MemoryError) -> str:
    """What the machine lacks: room on a disk, a file, memory."""
    if isinstance(error, MemoryError):
        return "the machine failed: out of memory"
    where = f"{error.filename}: " if error.filename else ""
    return f"the machine failed: {where}{error.strerror or error}; what is finished stays: `assay run --resume` goes on"


def _json(data: Any, indent: int | None = None) -> str:
    return json_text(json.dumps(data, indent=indent, ensure_ascii=False))


as_json = click.option("--json", "json_", is_flag=True, help="Print data as JSON.")
ledger_option = click.option(
    "--ledger", "ledger_url", metavar="URL", help="Where results are kept over time. Default: the user's own."
)


def _ledger(url: str | None) -> Any:
    from lazy_assay.checks.ledger import Ledger, default_url

    return Ledger(url or default_url())


@assay.command("list")
@click.option("--errata", is_flag=True, help="The papers' errata instead, gravest first.")
@as_json
@ledger_option
def list_(errata: bool, json_: bool, ledger_url: str | None) -> None:
    """Every claim: id, kind, source, expected status, last status."""
    if errata:
        from lazy_assay.checks.cli.show import errata_data, errata_text

        return click.echo(_json(errata_data(), indent=1) if json_ else errata_text())
    from lazy_assay.checks.engine.registry import check
    from lazy_assay.checks.vocabulary.status import expected_status

    last = _ledger(ledger_url).last_statuses()
    rows = [
        {
            "id": claim.id,
            "kind": claim.kind,
            "title": claim.title,
            "source": str(claim.source),
            "expected": expected_status(claim, check(claim.id)),
            "last": last.get(claim.id),
        }
        for claim in theory.claims()
    ]
    if json_:
        return click.echo(_json(rows, indent=1))
    wide = {key: max(len(str(row[key])) for row in rows) for key in ("id", "kind", "expected")}
    for row in rows:
        told = "  ".join(f"{row[key]:{wide[key]}}" for key in ("id", "kind", "expected"))
        click.echo(f"{told}  {line(row['last'] or 'never run'):12}  {row['source']}")
    return None


@assay.command()
@click.argument("id")
@as_json
def show(id: str, json_: bool) -> None:
    """Statement, assumptions, conventions, errata, and how the claim is checked."""
    from lazy_assay.checks.cli.show import as_data, as_text

    claim = theory.claim(id)
    click.echo(_json(as_data(claim), indent=1) if json_ else as_text(claim))


@assay.command()
@click.argument("id")
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="NAME=VALUE",
    help="A parameter; arrays as 1,0.5,0.2 or 1,2;3,4 or @file.npy.",
)
@click.option("--part", default="", metavar="NAME", help="Which part answers, where several take these parameters.")
@click.option("--finite", is_flag=True, help="The finite-size prediction instead of the published limit.")
@click.option("--as-printed", is_flag=True, help="What the paper prints, mistakes included.")
@as_json
def predict(id: str, settings: tuple[str, ...], part: str, finite: bool, as_printed: bool, json_: bool) -> None:
    """The published (corrected) number of a claim at given parameters, and the part that says it."""
    if finite and as_printed:
        raise click.UsageError("--finite and --as-printed exclude one another; the paper prints limits.")
    claim = theory.claim(id)
    call = "predict_finite" if finite else "as_printed" if as_printed else "predict"
    told = claim.answer(call, parsed(claim.id, settings), part)
    if json_:
        return click.echo(_json({"claim": id, "part": told.part.name, "value": told.value}))
    return click.echo(f"{told.value:.12g}" + (f"  part {told.part.name}" if told.part.name else ""))


@assay.command()
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option("--profile", type=click.Choice(PROFILES), help="How much work. Default: quick.")
@click.option(
    "-n", "workers", default="auto", metavar="N", help="Worker processes; 0 for none, auto for as many as fit."
)
@click.option(
    "--entropy", type=click.IntRange(min=0), help="Fixes configurations and noise. Default: 0, fresh in nightly."
)
@click.option("--device", help="cpu, cuda or cuda:1. Default: a GPU where there is one.")
@click.option(
    "--report", "folder", type=click.Path(path_type=Path), default=Path("assay-report"), help="Report folder."
)
@click.option("--data-dir", type=click.Path(path_type=Path), help="A folder with your own MNIST files.")
@click.option("--resume", is_flag=True, help="Continue the run in the report folder.")
@ledger_option
@as_json
def run(
    ids: tuple[str, ...],
    profile: str | None,
    workers: str,
    entropy: int | None,
    device: str | None,
    folder: Path,
    data_dir: Path | None,
    resume: bool,
    ledger_url: str | None,
    json_: bool,
) -> int:
    """Confront claims (all, or those named) with simulations and write the report."""
    from lazy_assay.checks.engine import report_folder
    from lazy_assay.checks.executors import run as _run

    if workers != "auto" and not workers.isdecimal():
        raise click.UsageError(f"-n {workers!r} is neither a whole number nor auto.")
    selection = tuple(dict.fromkeys(theory.claim(id).id for id in ids)) or theory.ids()
    ledger = _ledger(ledger_url)
    if ledger_url:
        ledger.make_sure()
    if resume:
        report_folder.plain(folder)
        plan = _run.resumed(folder)
        _same(plan, ids, profile, entropy, device, data_dir)
    else:
        chosen = profile or "quick"
        fresh = entropy if entropy is not None else secrets.randbelow(2**32) if chosen == "nightly" else 0
        plan = _run.plan(selection, chosen, fresh, device, str(data_dir.resolve()) if data_dir else "")
        report_folder.writable(folder)
    with report_folder.alone(folder):
        return _run_alone(plan, folder, workers, ledger, resume=resume, json_=json_)


def _run_alone(plan: Any, folder: Path, workers: str, ledger: Any, *, resume: bool, json_: bool) -> int:
    from lazy_assay.checks.engine import report_folder
    from lazy_assay.checks.executors import run as _run
    from lazy_assay.checks.executors.progress import Listener

    note = "" if resume else report_folder.begin(folder, plan)
    total = _run.planned(plan.selection)
    listener = Listener(total, _run.finished_items(folder, plan), quiet=json_)
    told = f"{len(plan.selection)} claims, {total} items, profile {plan.profile}, entropy {plan.entropy}"
    listener.say(*filter(None, [note, told]), f"device {plan.device}: {plan.device_reason}")
    # The canary goes first, so that the night's own run is the last one in the ledger.
    fixed = _run.OK
    if plan.profile == "nightly":
        fixed = _run.canary(plan, folder, workers=workers, ledger=ledger, quiet=json_, resume=resume)
    code = _run.worse(fixed, _run.execute(plan, folder, workers=workers, ledger=ledger, listener=listener))
    if json_:
        click.echo(json_text((folder / "results.json").read_text(encoding="utf-8")))
    return code


def _same(
    plan: Any,
    ids: tuple[str, ...],
    profile: str | None,
    entropy: int | None,
    device: str | None,
    data_dir: Path | None,
) -> None:
    from lazy_assay.checks.engine.confront import UsageError

    asked = {"claims": tuple(ids) or None, "profile": profile, "entropy": entropy, "device": device}
    stored = {"claims": plan.selection, "profile": plan.profile, "entropy": plan.entropy, "device": plan.device}
    asked |= {"data-dir": str(data_dir.resolve()) if data_dir else None}
    stored |= {"data-dir": plan.data_dir}
    for name, value in asked.items():
        if value is not None and value != stored[name]:
            raise UsageError(
                f"--resume continues a run with {name} {stored[name]}, not {value}; leave {name} away or start "
                f"a new run"
            )


@assay.command()
@ledger_option
@click.option("--out", "folder", type=click.Path(path_type=Path), default=Path("assay-report"), help="Report folder.")
def report(ledger_url: str | None, folder: Path) -> int:
    """The discrepancy report of the last stored run, again."""
    import lazy_assay.checks.report as checks_report
    from lazy_assay.checks.engine import report_folder
    from lazy_assay.checks.engine.confront import UsageError

    ledger = _ledger(ledger_url)
    try:
        stored, left_out = checks_report.readable(ledger.last_run())
    except checks_report.InvalidDataError as error:
        raise UsageError(f"ledger {ledger.url}: {error}; name another with --ledger") from None
    report_folder.writable(folder)
    for sentence in left_out:
        click.echo(line(f"assay: ledger {ledger.url}: {sentence}; left out"), err=True)
    click.echo(checks_report.write(stored, folder, ledger.history(before=stored["run"]["started"])))
    return INCOMPLETE if left_out else 0


@assay.command()
@click.argument("result")
@click.option("--report", "folder", type=click.Path(path_type=Path), help="Take the result from this report folder.")
@ledger_option
@as_json
def replay(result: str, folder: Path | None, ledger_url: str | None, json_: bool) -> int:
    """Make one stored result again and compare the two, bit for bit."""
    from lazy_assay.checks.engine.replay import differing, find, replayed

    stored = find(result, folder, _ledger(ledger_url))
    again = replayed(stored)
    other = differing(stored, again)
    same = not other
    if json_:
        click.echo(_json({"stored": stored, "again": again, "same": same}))
    else:
        for label, row in (("stored", stored), ("again", again)):
            click.echo(
                f"{label:7} {row['verdict']}: {row['estimate']} in {row['interval']}, claimed "
                f"{row['predicted']}, {row['trials']} trials"
            )
        click.echo(
            "the same, bit for bit"
            if same
            else f"different in {', '.join(other)}: another machine, library or code version than the stored one"
        )
    return 0 if same else 1


@assay.command()
@click.argument("id")
@click.option("--size", type=int, default=100, show_default=True, help="The dimension d; the paper's is 450.")
@click.option(
    "--out",
    "folder",
    type=click.Path(path_type=Path),
    default=Path("assay-figure"),
    help="Folder; what is stored there is used.",
)
@click.option("--draws", type=click.IntRange(min=2), help="Draws of the weights; 10 at the paper's size.")
@click.option("--steps", type=click.IntRange(min=1), help="Steps of SGD. Default: the paper's, scaled with the size.")
@click.option("--step-sizes", metavar="E,E,…", help="The grid of SGD. Default: 0.001 to 0.03.")
@click.option("--entropy", type=click.IntRange(min=0), default=0, show_default=True, help="Fixes all noise.")
@click.option("--device", help="cpu, cuda or cuda:1. Default: a GPU where there is one.")
@click.option("-n", "workers", default="auto", metavar="N", help="Worker processes; 0 for none, auto for one a core.")
@click.option("--dry-run", is_flag=True, help="Print what it would cost, and stop.")
def figure(
    id: str,
    size: int,
    folder: Path,
    draws: int | None,
    steps: int | None,
    step_sizes: str | None,
    entropy: int,
    device: str | None,
    workers: str,
    dry_run: bool,
) -> int:
    """A figure of a paper: theory lines, simulated points, a table of both, a status. An interrupted one goes on."""
    import os

    from lazy_assay.checks.cli.figure import execute, plan, request
    from lazy_assay.checks.procedures.figures._procedure import Options

    if workers != "auto" and not workers.isdecimal():
        raise click.UsageError(f"-n {workers!r} is neither a whole number nor auto.")
    options = Options(size=size, draws=draws, steps=steps, step_sizes=_numbers(step_sizes))
    asked = request(id, options, entropy, device, folder)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    count = 0 if asked.device != "cpu" else cores if workers == "auto" else int(workers)
    if dry_run:
        for line in plan(asked, max(count, 1)):
            click.echo(line)
        return 0
    return execute(asked, count, click.echo)


def _numbers(text: str | None) -> tuple[float, ...] | None:
    if text is None:
        return None
    try:
        return tuple(float(entry) for entry in text.split(","))
    except ValueError:
        raise click.UsageError(f"--step-sizes {text!r} is not a list of numbers such as 0.001,0.01.") from None
