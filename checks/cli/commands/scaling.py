"""`assay scaling`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from lazy_assay.checks.cli.options import as_json, json_of
from lazy_assay.checks.cli.readers import loaded, named, whole
from lazy_assay.checks.vocabulary.text import line

CODES = {"right": 0, "wrong": 1, "undecided": 3}


@click.command("scaling")
@click.argument("factory", metavar="MODULE:FACTORY")
@click.option("--widths", default="16,32,64,128,256,512", show_default=True, help="Growing, at least four.")
@click.option("--steps", default="0,1,4", show_default=True, help="After how many steps to measure.")
@click.option("--table", default="", help="mup, ntk, mean field or standard; default: the module's table, else mup.")
@click.option("--seeds", default=16, show_default=True)
@click.option("--entropy", default=0, show_default=True)
@click.option("--resolution", default=0.25, show_default=True, help="An exponent that must be noticed.")
@click.option("--page", "page_", type=click.Path(path_type=Path), help="Write a page of pictures to this file.")
@as_json
def command(
    factory: str,
    widths: str,
    steps: str,
    table: str,
    seeds: int,
    entropy: int,
    resolution: float,
    page_: Path | None,
    json_: bool,
) -> int:
    """Do the sizes in a network grow with its width as its parameterisation promises?

    MODULE:FACTORY names model(width); MODULE also holds data (inputs, targets) and optimiser(module, width), and may
    hold loss, table and exceptions. Exit codes: 0 right, 1 wrong, 2 a usage error, 3 undecided.
    """
    from lazy_assay.checks.expect import Refused
    from lazy_assay.checks.scaling import scaling

    module, model = loaded(factory)
    further = {name: getattr(module, name) for name in ("loss", "table", "exceptions") if hasattr(module, name)}
    if table:
        further["table"] = table
    data = named(module, "data")
    try:
        result = scaling(
            model,
            data() if callable(data) else data,
            optimiser=named(module, "optimiser"),
            widths=whole(widths, "--widths"),
            steps=whole(steps, "--steps"),
            seeds=seeds,
            entropy=entropy,
            resolution=resolution,
            **further,
        )
    except Refused as error:
        raise click.UsageError(str(error)) from None
    if page_:
        from lazy_assay.checks.scaling.page import page

        page_.write_text(page(result), encoding="utf-8")
    if json_:
        click.echo(json_of({"verdict": result.verdict, "rows": [_plain(row) for row in result.rows]}, indent=1))
    else:
        for text in str(result).splitlines():
            click.echo(line(text))
    return CODES[result.verdict]


def _plain(row: Any) -> dict[str, Any]:
    low, high = row.interval
    return {
        "kind": row.kind, "name": row.name, "step": row.step, "exponent": str(row.exponent), "low": str(low),
        "high": str(high), "bend": row.bend, "promised": row.allowed and [str(it) for it in row.allowed],
        "verdict": row.verdict, "reason": row.reason,
    }  # fmt: skip
