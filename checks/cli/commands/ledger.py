"""`assay ledger`: looking after results over time."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lazy_assay.checks.cli.options import as_json, json_of, ledger, ledger_option
from lazy_assay.checks.vocabulary.text import json_text, line

if TYPE_CHECKING:
    from lazy_assay.checks.ledger.upkeep import Upkeep
    from lazy_assay.checks.ledger.verification import Finding

OK, WRONG = 0, 1
# More lines than this are counted: --json has them all.
SHOWN = 20


@click.group("ledger", no_args_is_help=False)
def command() -> None:
    """Look after the ledger: the journals of all runs, and the index over them.

    A finding (a damaged journal, an index that does not fit, a key that came back with other content) is exit code 1.
    """


@command.command()
@ledger_option
@as_json
def verify(ledger_url: str | None, json_: bool) -> int:
    """Hold every journal against its seal, and every row of the index against the journals."""
    from lazy_assay.checks.ledger.verification import verify

    book = ledger(ledger_url)
    told = verify(book)
    if json_:
        counts = {"runs": told.runs, "journals": told.journals, "results": told.results}
        click.echo(json_of({"ledger": book.url, **counts} | _data(told.findings, told.notes), indent=1))
    else:
        _say(told.findings, told.notes)
        click.echo(line(f"{told.runs} runs, {told.journals} journals, {told.results} results: {_count(told.findings)}"))
    return WRONG if told.findings else OK


@command.command()
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@ledger_option
@as_json
def merge(sources: tuple[str, ...], ledger_url: str | None, json_: bool) -> int:
    """Take in journals: of other ledgers (URL or file), folders of journals, and report folders."""
    from lazy_assay.checks.ledger.upkeep import merge

    told = merge(ledger(ledger_url), sources)
    return _told(told, f"{len(told.journals)} journals merged", json_)


@command.command()
@click.option("--drop", is_flag=True, help="Forget the runs whose journals are not here, instead of refusing.")
@ledger_option
@as_json
def rebuild(drop: bool, ledger_url: str | None, json_: bool) -> int:
    """Make the index again from the journals; a ledger from before there were journals is carried over."""
    from lazy_assay.checks.ledger.upkeep import rebuild

    told = rebuild(ledger(ledger_url), drop=drop)
    return _told(told, f"the index holds {len(told.journals)} journals", json_)


@command.command()
@click.argument("ids", nargs=-1, metavar="[ID]...")
@ledger_option
def export(ids: tuple[str, ...], ledger_url: str | None) -> None:
    """Print every result, or those of some claims, as JSON lines: results.json's, with run, start and commit."""
    from lazy_assay.checks.ledger.upkeep import exported

    for row in exported(ledger(ledger_url), ids):
        click.echo(json_text(json.dumps(row, ensure_ascii=False)))


@command.command()
@click.option("--keep", type=click.IntRange(min=0), metavar="N", help="All but the last N runs.")
@click.option("--before", metavar="DATE", help="The runs that started before this date, as 2026-01-31.")
@click.option("--to", "folder", required=True, type=click.Path(path_type=Path), metavar="DIR", help="Where they go.")
@click.option("--dry-run", is_flag=True, help="Only say which runs would go.")
@ledger_option
@as_json
def prune(
    keep: int | None, before: str | None, folder: Path, dry_run: bool, ledger_url: str | None, json_: bool
) -> int:
    """Move the journals of old runs to another folder; `assay ledger merge DIR` brings them back."""
    from lazy_assay.checks.ledger.upkeep import Upkeep, prunable, prune

    if (keep is None) == (before is None):
        raise click.UsageError("Give either --keep N or --before DATE.")
    book = ledger(ledger_url)
    book.catch_up()
    runs = prunable(book, keep=keep, before=_date(before))
    told = Upkeep(notes=[f"{run.run}, started {run.started}" for run in runs]) if dry_run else prune(book, runs, folder)
    return _told(told, f"{len(runs)} runs {'would go' if dry_run else 'went'} to {folder}", json_)


def _date(text: str | None) -> str:
    import datetime

    try:
        return datetime.date.fromisoformat(text).isoformat() if text is not None else ""
    except ValueError:
        raise click.UsageError(f"--before {text!r} is no date such as 2026-01-31.") from None


def _told(told: Upkeep, sentence: str, json_: bool) -> int:
    if json_:
        click.echo(json_of({"journals": told.journals} | _data(told.findings, told.notes), indent=1))
    else:
        _say(told.findings, told.notes)
        click.echo(line(sentence + (f"; {_count(told.findings)}" if told.findings else "")))
    return WRONG if told.findings else OK


def _data(findings: Iterable[Finding], notes: list[str]) -> dict[str, Any]:
    return {"findings": [{"name": it.name, "sentence": it.sentence} for it in findings], "notes": notes}


def _say(findings: list[Finding], notes: list[str]) -> None:
    for told in ([str(finding) for finding in findings], notes):
        for sentence in told[:SHOWN]:
            click.echo(line(sentence))
        if more := len(told) - SHOWN if len(told) > SHOWN else 0:
            click.echo(f"and {more} more: --json has them all")


def _count(findings: list[Finding]) -> str:
    return f"{len(findings)} findings" if findings else "nothing is wrong"
