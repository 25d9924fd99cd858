"""`assay diagnose`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from lazy_assay.checks.cli.options import as_json, json_of
from lazy_assay.checks.cli.readers import loaded, named, whole
from lazy_assay.checks.vocabulary.text import line

CODES = {"lazy": 0, "not lazy": 1, "undecided": 3}


@click.command("diagnose")
@click.argument("factory", metavar="MODULE:FACTORY")
@click.option("--step-size", type=float, help="Default: the module's step_size.")
@click.option("--steps", type=int, help="Default: the module's steps.")
@click.option("--widths", default="", help="Growing, at least four: FACTORY is then factory(width, seed).")
@click.option("--seeds", default=8, show_default=True)
@click.option("--entropy", default=0, show_default=True)
@click.option("--within", default=0.1, show_default=True, help="The departure that counts as lazy.")
@click.option("--decay", type=float, help="Weight decay, for the optimality gap of two layers.")
@click.option("--without", multiple=True, metavar="LINE", help="A line to leave out; may be given more than once.")
@click.option("--page", "page_", type=click.Path(path_type=Path), help="Write a page to this file.")
@as_json
def command(
    factory: str,
    step_size: float | None,
    steps: int | None,
    widths: str,
    page_: Path | None,
    without: tuple[str, ...],
    json_: bool,
    **further: Any,
) -> int:
    """Why does a network not follow its tangent kernel?

    MODULE:FACTORY names factory(seed); MODULE also holds data (inputs, targets), may hold held_out (further inputs)
    and, where no option gives them, step_size and steps. Exit codes: 0 lazy, 1 not lazy, 2 a usage error, 3 undecided.
    """
    from lazy_assay.checks.diagnose import diagnose
    from lazy_assay.checks.expect import Refused

    module, make = loaded(factory)
    data = named(module, "data")
    try:
        x, y = data() if callable(data) else data
    except (TypeError, ValueError) as error:
        raise click.UsageError(f"data: inputs and targets, two of them ({error}).") from None
    try:
        result = diagnose(
            make,
            x,
            y,
            step_size=named(module, "step_size") if step_size is None else step_size,
            steps=named(module, "steps") if steps is None else steps,
            widths=whole(widths, "--widths") if widths else (),
            leave_out=without,
            held_out=getattr(module, "held_out", None),
            **further,
        )
    except Refused as error:
        raise click.UsageError(str(error)) from None
    if page_:
        from lazy_assay.checks.diagnose.page import page

        page_.write_text(page(result), encoding="utf-8")
    for text in [json_of(result.as_json(), indent=1)] if json_ else map(line, str(result).splitlines()):
        click.echo(text)
    return CODES[result.verdict]
