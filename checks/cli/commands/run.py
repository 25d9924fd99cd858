"""`assay run`."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

import click

from lazy_assay.checks.cli.options import as_json, chosen, collection_option, ledger, ledger_option, workers_option
from lazy_assay.checks.vocabulary.profiles import ORDER
from lazy_assay.checks.vocabulary.text import json_text
from lazy_assay.theory import Collection
from lazy_assay.theory._catalogue import catalogue

VERBOSE = "lazy_assay.verbose"


@click.command("run")
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option("--profile", type=click.Choice(ORDER), help="How much work. Default: quick.")
@workers_option
@click.option(
    "--entropy", type=click.IntRange(min=0), help="Fixes configurations and noise. Default: 0, fresh in nightly."
)
@click.option("--device", help="cpu, cuda or cuda:1. Default: a GPU where there is one.")
@click.option(
    "--report", "folder", type=click.Path(path_type=Path), default=Path("assay-report"), help="Report folder."
)
@click.option("--data-dir", type=click.Path(path_type=Path), help="A folder with your own MNIST files.")
@click.option("--resume", is_flag=True, help="Continue the run in the report folder.")
@click.option(
    "-v", "--verbose", is_flag=True, expose_value=False, help="A line an item, not surprises alone.",
    callback=lambda context, _, value: context.meta.update({VERBOSE: value}),
)  # fmt: skip
@collection_option
@ledger_option
@as_json
def command(
    ids: tuple[str, ...],
    profile: str | None,
    workers: str,
    entropy: int | None,
    device: str | None,
    folder: Path,
    data_dir: Path | None,
    resume: bool,
    collections: list[Collection],
    ledger_url: str | None,
    json_: bool,
) -> int:
    """Confront claims (all, or those named) with simulations and write the report."""
    from lazy_assay.checks.executors import report_folder
    from lazy_assay.checks.executors.plan import plan as planned
    from lazy_assay.checks.executors.plan import resumed

    selection = chosen(ids, collections)
    book = ledger(ledger_url)
    if ledger_url:
        book.make_sure()
    if resume:
        report_folder.plain(folder)
        plan = resumed(folder)
        _same(plan, ids, profile, entropy, device, data_dir)
    else:
        size = profile or "quick"
        fresh = entropy if entropy is not None else secrets.randbelow(2**32) if size == "nightly" else 0
        refused = [] if ids or collections else catalogue().refused
        plan = planned(selection, size, fresh, device, str(data_dir.resolve()) if data_dir else "", refused)
        report_folder.writable(folder)
    with report_folder.alone(folder):
        return _run_alone(plan, folder, workers, book, resume=resume, json_=json_)


def _run_alone(plan: Any, folder: Path, workers: str, ledger: Any, *, resume: bool, json_: bool) -> int:
    from lazy_assay.checks.executors import costs, report_folder
    from lazy_assay.checks.executors import run as _run
    from lazy_assay.checks.executors.progress import Listener

    known = costs.remembered(folder, ledger)
    note = "" if resume else report_folder.begin(folder, plan)
    costs.remember(folder, known)
    total = _run.planned(plan.selection)
    listener = Listener(total, _run.finished_items(folder, plan), quiet=json_, verbose=_verbose())
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


def _verbose() -> bool:
    return bool(click.get_current_context().meta.get(VERBOSE))


def _same(
    plan: Any,
    ids: tuple[str, ...],
    profile: str | None,
    entropy: int | None,
    device: str | None,
    data_dir: Path | None,
) -> None:
    from lazy_assay.checks.engine.order import UsageError

    asked = {"claims": tuple(ids) or None, "profile": profile, "entropy": entropy, "device": device}
    stored = {"claims": plan.selection, "profile": plan.profile, "entropy": plan.entropy, "device": plan.device}
    asked |= {"data-dir": str(data_dir.resolve()) if data_dir else None, "collection": catalogue().folders()}
    stored |= {"data-dir": plan.data_dir, "collection": plan.collections}
    for name, value in asked.items():
        if value is not None and value != stored[name]:
            raise UsageError(
                f"--resume continues a run with {name} {stored[name]}, not {value}; leave {name} away or start "
                f"a new run"
            )
