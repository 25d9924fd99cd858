"""`assay report`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from lazy_assay.checks.cli.options import collection_option, ledger, ledger_option
from lazy_assay.checks.vocabulary.text import line
from lazy_assay.theory import Collection

if TYPE_CHECKING:
    from lazy_assay.checks.ledger import Ledger

INCOMPLETE = 3


@click.command("report")
@click.argument("folders", nargs=-1, metavar="[DIR]...", type=click.Path(path_type=Path))
@collection_option
@ledger_option
@click.option("--out", "folder", type=click.Path(path_type=Path), default=Path("assay-report"), help="Report folder.")
def command(folders: tuple[Path, ...], collections: list[Collection], ledger_url: str | None, folder: Path) -> int:
    """The discrepancy report of the last stored run, again; or one report of all runs in the folders DIR.

    Folders hold parts of one run: shards, or the same on other devices. Exit code: that of the runs together.
    """
    import lazy_assay.checks.report as checks_report
    from lazy_assay.checks.engine.order import UsageError
    from lazy_assay.checks.executors import report_folder

    book = ledger(ledger_url)
    if folders:
        return _merged(folders, folder, book)
    try:
        stored, left_out = checks_report.readable(book.last_run())
    except checks_report.InvalidDataError as error:
        raise UsageError(f"ledger {book.url}: {error}; name another with --ledger") from None
    report_folder.writable(folder)
    for sentence in left_out:
        click.echo(line(f"assay: ledger {book.url}: {sentence}; left out"), err=True)
    click.echo(checks_report.write(stored, folder, book.statuses(before=stored["run"]["started"])))
    return INCOMPLETE if left_out else 0


def _merged(folders: tuple[Path, ...], folder: Path, book: Ledger) -> int:
    import lazy_assay.checks.report as checks_report
    from lazy_assay.checks.engine.order import UsageError
    from lazy_assay.checks.executors import report_folder
    from lazy_assay.checks.executors.merged import merged
    from lazy_assay.checks.executors.run import last_decided

    if folder.resolve() in {it.resolve() for it in folders}:
        raise UsageError(f"{folder} is one of the folders that are merged; name another with --out")
    told, sentences = merged(folders)
    history = book.statuses(before=told["run"]["started"])
    earlier = {claim: last_decided(entries) for claim, entries in history.items()}
    claims = [{**row, "previous": earlier.get(row["id"])} for row in told["claims"]]
    report_folder.writable(folder)
    for sentence in sentences:
        click.echo(line(f"assay: {sentence}"), err=True)
    click.echo(checks_report.write({**told, "claims": claims}, folder, history))
    return int(told["run"]["exit_code"])
