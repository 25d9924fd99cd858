"""`assay compare`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lazy_assay.checks.cli.options import as_json, json_of, ledger, ledger_option
from lazy_assay.checks.vocabulary.text import line

if TYPE_CHECKING:
    from lazy_assay.checks.ledger import Ledger

SAME, DIFFERENT = 0, 1
# More lines than this are counted: --json has them all.
SHOWN = 40


@click.command("compare")
@click.argument("was", metavar="RUN")
@click.argument("now", metavar="RUN")
@ledger_option
@as_json
def command(was: str, now: str, ledger_url: str | None, json_: bool) -> int:
    """Hold one run against another: each a run's id in the ledger (or how it begins), or a report folder.

    Exit code 1 where a status, a verdict or a number differs. Runs of other draws differ in a number where chance does
    not explain it.
    """
    from lazy_assay.checks.engine.order import UsageError
    from lazy_assay.checks.ledger.evidence.compared import compared, lines
    from lazy_assay.checks.report import strict

    book = ledger(ledger_url)
    try:
        told = compared(_data(book, was), _data(book, now))
    except ValueError as error:
        raise UsageError(str(error)) from None
    if json_:
        rows = {"differences": [asdict(it) for it in told.differences]}
        click.echo(json_of(strict({"was": told.was, "now": told.now, "shared": told.shared} | rows), indent=1))
    else:
        said = lines(told)
        for sentence in said[:SHOWN]:
            click.echo(line(sentence))
        if len(said) > SHOWN:
            click.echo(f"and {len(said) - SHOWN - 1} more: --json has them all")
            click.echo(line(said[-1]))
    return DIFFERENT if told.differences else SAME


def _data(book: Ledger, name: str) -> dict[str, Any]:
    """A run's data, from a report folder of that name or from the ledger."""
    from lazy_assay.checks.engine.order import UsageError
    from lazy_assay.checks.vocabulary import files

    place = Path(name)
    if place.is_dir():
        try:
            told: dict[str, Any] = files.read_json(place / "results.json")
            return told
        except (OSError, ValueError):
            raise UsageError(f"{place} holds no results.json; name a report folder, or a run of the ledger") from None
    found = [run for run in book.runs() if run.run.startswith(name)]
    exact = [run for run in found if run.run == name]
    if len(exact or found) != 1:
        many = f"{len(found)} runs have" if found else "no run has"
        raise UsageError(f"ledger {book.url}: {many} an id that begins with {name!r}, nor is it a report folder")
    return book.data((exact or found)[0])
