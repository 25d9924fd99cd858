"""`assay validate`."""

from __future__ import annotations

import click

from lazy_assay.checks.cli.options import as_json, chosen, collection_option, json_of
from lazy_assay.checks.vocabulary.text import line
from lazy_assay.theory import Collection

DIFFERS, USAGE = 1, 2


@click.command("validate")
@click.argument("ids", nargs=-1, metavar="[ID]...")
@collection_option
@as_json
def command(ids: tuple[str, ...], collections: list[Collection], json_: bool) -> int:
    """Run the batteries on claims, their checks and their own simulations: is what the files say sound?

    Exit codes: 0 all hold, 1 a test fails, 2 a file cannot be loaded.
    """
    from lazy_assay.checks.engine.registry import faults
    from lazy_assay.checks.testing import validated

    selection = chosen(ids, collections)
    found = [finding for id in selection for finding in validated(id)]
    failed = [finding for finding in found if finding.fault]
    if json_:
        rows = [{"subject": it.subject, "test": it.test, "fault": it.fault} for it in found]
        click.echo(json_of(rows, indent=1))
    else:
        for finding in failed:
            click.echo(line(f"{finding.subject}: {finding.test}: {finding.fault}"))
        click.echo(f"{len(selection)} claims, {len(found)} tests: {len(failed) or 'none'} failed")
    return USAGE if faults(selection) else DIFFERS if failed else 0
