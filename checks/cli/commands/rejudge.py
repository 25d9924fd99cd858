"""`assay rejudge`."""

from __future__ import annotations

from pathlib import Path

import click

from lazy_assay.checks.cli.options import collection_option
from lazy_assay.checks.vocabulary.text import line
from lazy_assay.theory import Collection
from lazy_assay.theory._catalogue import catalogue

INCOMPLETE = 3


@click.command("rejudge")
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option(
    "--report", "folder", type=click.Path(path_type=Path), default=Path("assay-report"), help="The run's report folder."
)
@collection_option
def command(ids: tuple[str, ...], folder: Path, collections: list[Collection]) -> int:
    """Judge the stored draws of a run again, by what is claimed now; nothing is simulated, and nothing is kept.

    Exit code: that of a run with these results; 3 where draws of some task are not stored.
    """
    from lazy_assay.checks.engine.rejudge import rejudged
    from lazy_assay.checks.engine.summary import summarise
    from lazy_assay.checks.vocabulary.check import claim_of

    told = rejudged(folder, [catalogue().place(id).id for id in ids])
    for row, now in told.changed:
        was = f"{row['verdict']} at {row['predicted']}"
        is_ = "no longer compared" if now is None else f"{now.verdict} at {now.predicted}"
        click.echo(line(f"{row['comparison']}: was {was}, is {is_}"))
    for task, why in told.left.items():
        click.echo(line(f"not judged: {task}: {why}"))
    claims = sorted({claim_of(task) for task in (*told.finished, *told.left)})
    summary = summarise(told.finished, claims)
    for sentence in summary.lines():
        click.echo(line(sentence))
    click.echo(
        f"{len(told.finished)} tasks judged again, {len(told.changed)} comparisons changed; run afresh to confirm"
    )
    return int(summary.exit_code) or (INCOMPLETE if told.left else 0)
