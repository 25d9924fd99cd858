"""`assay run`."""

from __future__ import annotations

import secrets
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lazy_assay.checks.cli.options import (
    as_json,
    chosen,
    collection_option,
    json_of,
    ledger,
    ledger_option,
    workers_option,
)
from lazy_assay.checks.vocabulary.profiles import ORDER
from lazy_assay.checks.vocabulary.text import json_text, line
from lazy_assay.theory import Collection
from lazy_assay.theory._catalogue import catalogue

if TYPE_CHECKING:
    from lazy_assay.checks.executors.fitted import Fitted

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
    "--executor",
    metavar="NAME",
    help="local, pool, gateways, dask or slurm, in place of pytest's workers; also NAME=WHERE.",
)
@click.option("--budget", metavar="TIME", help="What may be spent, as 6h or 90m; what does not fit is not run.")
@click.option("--shard", metavar="I/N", help="One of N parts of the claims, for N runners.")
@click.option("--dry-run", is_flag=True, help="Only print what would run, and what it costs.")
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
    workers: str,
    executor: str | None,
    budget: str | None,
    dry_run: bool,
    folder: Path,
    resume: bool,
    collections: list[Collection],
    ledger_url: str | None,
    json_: bool,
    **asked: Any,
) -> int:
    """Confront claims (all, or those named) with simulations and write the report."""
    from lazy_assay.checks.engine.order import UsageError
    from lazy_assay.checks.executors import budget as budgets
    from lazy_assay.checks.executors import report_folder
    from lazy_assay.checks.executors.fitted import fitted
    from lazy_assay.checks.executors.orders import maker
    from lazy_assay.checks.executors.plan import resumed

    selection = chosen(ids, collections)
    seconds = budgets.seconds(budget) if budget is not None else None
    book = ledger(ledger_url)
    if ledger_url:
        book.make_sure()
    if resume:
        report_folder.plain(folder)
        plan = resumed(folder)
        _same(plan, ids, seconds, **asked)
        fit = fitted(plan, book, workers)
        fit = replace(fit, plan=plan)
    else:
        fit = fitted(_planned(selection, bool(ids or collections), seconds or 0, **asked), book, workers)
    if dry_run:
        click.echo(json_of(fit.data(), indent=1) if json_ else "\n".join(map(line, fit.lines())))
        return 0
    if executor:
        maker(executor, fit.plan, folder, workers)
    if not fit.night.chosen:
        raise UsageError(f"--budget {budget} pays for no part of these claims; `assay run --dry-run` shows their costs")
    if not resume:
        report_folder.writable(folder)
    with report_folder.alone(folder):
        return _run_alone(fit, folder, workers, book, resume=resume, json_=json_, executor=executor or "")


def _planned(
    selection: tuple[str, ...],
    named: bool,
    budget: int,
    *,
    profile: str | None,
    entropy: int | None,
    device: str | None,
    shard: str | None,
    data_dir: Path | None,
) -> Any:
    from lazy_assay.checks.executors.plan import plan
    from lazy_assay.checks.executors.shards import shard as dealt

    size = profile or ORDER[0]
    fresh = entropy if entropy is not None else secrets.randbelow(2**32) if size == ORDER[-1] else 0
    refused = [] if named else catalogue().refused
    mine = dealt(selection, shard) if shard is not None else selection
    made = plan(mine, size, fresh, device, str(data_dir.resolve()) if data_dir else "", refused)
    return replace(made, budget=budget, shard=shard or "")


def _run_alone(
    fit: Fitted, folder: Path, workers: str, ledger: Any, *, resume: bool, json_: bool, executor: str
) -> int:
    from lazy_assay.checks.executors import costs, report_folder
    from lazy_assay.checks.executors import run as _run
    from lazy_assay.checks.executors.progress import Listener

    plan, begun = fit.plan, time.time()
    known = costs.remembered(folder, ledger)
    note = "" if resume else report_folder.begin(folder, plan)
    costs.remember(folder, known, fit.night.order if plan.budget else ())
    total = _run.planned(plan.selection) - len(plan.left_out)
    listener = Listener(total, _run.finished_items(folder, plan), quiet=json_, verbose=_verbose())
    told = f"{len(plan.selection)} claims, {total} items, profile {plan.profile}, entropy {plan.entropy}"
    listener.say(*filter(None, [note, told]), f"device {plan.device}: {plan.device_reason}")
    listener.say(*[fit.summary()] * bool(plan.budget), *[f"shard {plan.shard}"] * bool(plan.shard))
    until = int(begun + fit.seconds) if plan.budget else 0
    # The canary goes first, so that the night's own run is the last one in the ledger.
    fixed = _run.OK
    if fit.canary is not None:
        fixed = _run.canary(
            plan,
            folder,
            workers=workers,
            ledger=ledger,
            quiet=json_,
            resume=resume,
            until=int(begun + fit.canary.seconds) if plan.budget else 0,
            left_out=fit.canary.left_out,
            order=fit.canary.order if plan.budget else (),
            executor=executor,
        )
    done = _run.execute(plan, folder, workers=workers, ledger=ledger, listener=listener, until=until, executor=executor)
    if json_:
        click.echo(json_text((folder / "results.json").read_text(encoding="utf-8")))
    return _run.worse(fixed, done)


def _verbose() -> bool:
    return bool(click.get_current_context().meta.get(VERBOSE))


def _same(
    plan: Any,
    ids: tuple[str, ...],
    budget: int | None,
    *,
    profile: str | None,
    entropy: int | None,
    device: str | None,
    shard: str | None,
    data_dir: Path | None,
) -> None:
    from lazy_assay.checks.engine.order import UsageError

    asked = {"claims": tuple(ids) or None, "profile": profile, "entropy": entropy, "device": device}
    stored = {"claims": plan.selection, "profile": plan.profile, "entropy": plan.entropy, "device": plan.device}
    asked |= {"data-dir": str(data_dir.resolve()) if data_dir else None, "collection": catalogue().folders()}
    stored |= {"data-dir": plan.data_dir, "collection": plan.collections}
    asked |= {"budget": budget, "shard": shard}
    stored |= {"budget": plan.budget, "shard": plan.shard}
    for name, value in asked.items():
        if value is not None and value != stored[name]:
            raise UsageError(
                f"--resume continues a run with {name} {stored[name]}, not {value}; leave {name} away or start "
                f"a new run"
            )
