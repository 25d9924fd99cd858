"""`assay morning`."""

from __future__ import annotations

from pathlib import Path

import click

from lazy_assay.checks.cli.options import as_json, json_of, ledger, ledger_option
from lazy_assay.checks.vocabulary.text import line

OK, WORSE = 0, 1


@click.command("morning")
@click.option("--run", "run", default="", metavar="RUN", help="The night of this run. Default: the last.")
@click.option("--out", "folder", type=click.Path(path_type=Path), default=Path("assay-report"), help="Report folder.")
@ledger_option
@as_json
def command(run: str, folder: Path, ledger_url: str | None, json_: bool) -> int:
    """What the last night changed: morning.html, and its first lines here.

    Exit code 1 where a claim is worse than the night before, or a bias was found this night.
    """
    from lazy_assay.checks.executors import report_folder
    from lazy_assay.checks.ledger.evidence.morning import as_data, morning
    from lazy_assay.checks.report import morning as page

    told = morning(ledger(ledger_url), run=run)
    if json_:
        click.echo(json_of(as_data(told), indent=1))
    else:
        report_folder.writable(folder)
        written = page.write(told, folder)
        for sentence in page.lines(told):
            click.echo(line(sentence))
        click.echo(written)
    return WORSE if told.bad else OK
