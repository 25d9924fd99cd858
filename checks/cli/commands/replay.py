"""`assay replay`."""

from __future__ import annotations

from pathlib import Path

import click

from lazy_assay.checks.cli.options import as_json, collection_option, json_of, ledger, ledger_option
from lazy_assay.theory import Collection


@click.command("replay")
@click.argument("result")
@click.option("--report", "folder", type=click.Path(path_type=Path), help="Take the result from this report folder.")
@collection_option
@ledger_option
@as_json
def command(
    result: str, folder: Path | None, collections: list[Collection], ledger_url: str | None, json_: bool
) -> int:
    """Make one stored result again and compare the two, bit for bit."""
    from lazy_assay.checks.engine.replay import differing, find, replayed

    stored = find(result, folder, ledger(ledger_url))
    again = replayed(stored)
    other = differing(stored, again)
    same = not other
    if json_:
        click.echo(json_of({"stored": stored, "again": again, "same": same}))
    else:
        for label, row in (("stored", stored), ("again", again)):
            click.echo(
                f"{label:7} {row['verdict']}: {row['estimate']} in {row['interval']}, claimed "
                f"{row['predicted']}, {row['trials']} trials"
            )
        click.echo(
            "the same, bit for bit"
            if same
            else f"different in {', '.join(other)}: another machine, library or code version than the stored one"
        )
    return 0 if same else 1
