"""`assay plan`."""

from __future__ import annotations

from dataclasses import asdict

import click

from lazy_assay import theory
from lazy_assay.checks.cli.arguments import parsed
from lazy_assay.checks.cli.options import as_json, collection_option, json_of
from lazy_assay.checks.vocabulary.text import line
from lazy_assay.theory import Collection


@click.command("plan")
@click.argument("id")
@click.argument("target", type=float, required=False)
@click.option("--at", type=int, help="The inverse question: what is predicted at this size, with no target.")
@click.option("--size", default="N", show_default=True, help="The parameter that is planned: neurons, samples, steps.")
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="NAME=VALUE",
    help="Each other parameter; arrays as 1,0.5,0.2 or 1,2;3,4 or @file.npy.",
)
@click.option("--part", default="", metavar="NAME", help="Which part answers, where several take these parameters.")
@click.option("--limit", is_flag=True, help="By the published formula instead of the finite-size one.")
@collection_option
@as_json
def command(
    id: str,
    target: float | None,
    at: int | None,
    size: str,
    settings: tuple[str, ...],
    part: str,
    limit: bool,
    collections: list[Collection],
    json_: bool,
) -> None:
    """How many neurons, features or samples a claim asks for: the smallest size that predicts TARGET or less.

    What is assumed is printed beside it. Exit codes: 0 planned, 2 refused, in one line.
    """
    from lazy_assay.theory._planning import PlanError, plan

    claim = theory.claim(id)
    try:
        parameters = parsed(claim.id, settings)
        if clash := {"claim", "target", "at", "size", "part", "limit", size} & set(parameters):
            raise click.UsageError(f"--set {min(clash)}: that is what is planned, or no parameter of a claim.")
        found = plan(claim.id, target, at=at, size=size, part=part, limit=limit, **parameters)
    except PlanError as error:
        raise click.UsageError(str(error)) from None
    click.echo(json_of(asdict(found)) if json_ else line(str(found)))
