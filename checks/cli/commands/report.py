"""`assay report`."""

from __future__ import annotations

from pathlib import Path

import click

from lazy_assay.checks.cli.options import collection_option, ledger, ledger_option
from lazy_assay.checks.vocabulary.text import line
from lazy_assay.theory import Collection

INCOMPLETE = 3


@click.command("report")
@collection_option
@ledger_option
@click.option("--out", "folder", type=click.Path(path_type=Path), default=Path("assay-report"), help="Report folder.")
def command(collections: list[Collection], ledger_url: str | None, folder: Path) -> int:
    """The discrepancy report of the last stored run, again."""
    import lazy_assay.checks.report as checks_report
    from lazy_assay.checks.engine.order import UsageError
    from lazy_assay.checks.executors import report_folder

    book = ledger(ledger_url)
    try:
        stored, left_out = checks_report.readable(book.last_run())
    except checks_report.InvalidDataError as error:
        raise UsageError(f"ledger {book.url}: {error}; name another with --ledger") from None
    report_folder.writable(folder)
    for sentence in left_out:
        click.echo(line(f"assay: ledger {book.url}: {sentence}; left out"), err=True)
    click.echo(checks_report.write(stored, folder, book.statuses(before=stored["run"]["started"])))
    return INCOMPLETE if left_out else 0
