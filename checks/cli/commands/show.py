"""`assay show`."""

from __future__ import annotations

import click

from lazy_assay import theory
from lazy_assay.checks.cli.options import as_json, collection_option, json_of
from lazy_assay.theory import Collection


@click.command("show")
@click.argument("id")
@collection_option
@as_json
def command(id: str, collections: list[Collection], json_: bool) -> None:
    """Statement, assumptions, conventions, errata, and how the claim is checked."""
    from lazy_assay.checks.cli.show import as_data, as_text

    claim = theory.claim(id)
    click.echo(json_of(as_data(claim), indent=1) if json_ else as_text(claim))
