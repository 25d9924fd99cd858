"""`assay site`."""

from __future__ import annotations

from pathlib import Path

import click

from lazy_assay.checks.cli.options import chosen, collection_option
from lazy_assay.theory import Collection, claim

_FOLDER = click.Path(path_type=Path)


@click.command("site")
@collection_option
@click.option("--run", "report", type=_FOLDER, default=Path("assay-report"), help="Report folder of the stored run.")
@click.option("--docs", type=_FOLDER, default=Path("docs"), help="Folder of the written pages, with Sphinx's conf.py.")
@click.option("--out", type=_FOLDER, default=Path("site"), help="Where the site is written.")
def command(collections: list[Collection], report: Path, docs: Path, out: Path) -> None:
    """A documentation site with a page a theorem, from a stored run; nothing is simulated."""
    from lazy_assay.checks.engine.order import UsageError
    from lazy_assay.checks.site import SiteError, build

    try:
        click.echo(build([claim(id) for id in chosen((), collections)], report / "results.json", docs, out))
    except SiteError as error:
        raise UsageError(str(error)) from None
