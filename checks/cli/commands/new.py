"""`assay new`."""

from __future__ import annotations

from pathlib import Path

import click

from lazy_assay.checks.cli.scaffold import KINDS, written


@click.command("new")
@click.argument("id", metavar="PAPER.STATEMENT")
@click.option("--kind", type=click.Choice(KINDS), default=KINDS[0], show_default=True, help="What is claimed.")
@click.option(
    "--collection",
    "folder",
    type=click.Path(path_type=Path),
    default=Path(),
    metavar="DIR",
    help="The folder of your claims; it is made where it is missing. Default: the current one.",
)
def command(id: str, kind: str, folder: Path) -> None:
    """Write the files of a claim of your own, to be filled in where they say so.

    An identity is a formula alone; a limit comes with a simulation and a check. Nothing is overwritten.
    """
    files = written(id, kind, folder)
    for path in files:
        click.echo(str(path))
    where = "" if folder == Path() else f" {folder}"
    click.echo(f"Fill in what is marked FILL IN, then: assay run --collection{where or ' .'} {id}")
