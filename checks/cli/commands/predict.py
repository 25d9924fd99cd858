"""`assay predict`."""

from __future__ import annotations

import click

from lazy_assay import theory
from lazy_assay.checks.cli.arguments import parsed
from lazy_assay.checks.cli.options import as_json, collection_option, json_of
from lazy_assay.theory import Collection


@click.command("predict")
@click.argument("id")
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="NAME=VALUE",
    help="A parameter; arrays as 1,0.5,0.2 or 1,2;3,4 or @file.npy.",
)
@click.option("--part", default="", metavar="NAME", help="Which part answers, where several take these parameters.")
@click.option("--finite", is_flag=True, help="The finite-size prediction instead of the published limit.")
@click.option("--as-printed", is_flag=True, help="What the paper prints, mistakes included.")
@collection_option
@as_json
def command(
    id: str,
    settings: tuple[str, ...],
    part: str,
    finite: bool,
    as_printed: bool,
    collections: list[Collection],
    json_: bool,
) -> None:
    """The published (corrected) number of a claim at given parameters, and the part that says it."""
    if finite and as_printed:
        raise click.UsageError("--finite and --as-printed exclude one another; the paper prints limits.")
    claim = theory.claim(id)
    call = "predict_finite" if finite else "as_printed" if as_printed else "predict"
    told = claim.answer(call, parsed(claim.id, settings), part)
    if json_:
        return click.echo(json_of({"claim": id, "part": told.part.name, "value": told.value}))
    return click.echo(f"{told.value:.12g}" + (f"  part {told.part.name}" if told.part.name else ""))
