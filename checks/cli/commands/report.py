"""`assay report`."""

from __future__ import annotations

from pathlib import Path

import click

from lazy_assay.checks.cli.options import collection_option, ledger, ledger_option
from lazy_assay.theory import Collection


@click.command("report")
@collection_option
@ledger_option
@click.option("--out", "folder", type=click.Path(path_type=Path), default=Path("assay-report"), help="Report folder.")
def command(collections: list[Collection], ledger_url: str | None, folder: Path) -> None:
    """The discrepancy report of the last stored run, again."""
    import lazy_assay.checks.report as checks_report
    from lazy_assay.checks.engine import report_folder

    book = ledger(ledger_url)
    told = book.last_run()
    report_folder.writable(folder)
    click.echo(checks_report.write(told, folder, book.history(before=told["run"]["started"])))
