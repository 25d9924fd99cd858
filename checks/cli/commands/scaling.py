"""`assay scaling`."""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path
from typing import Any

import click

from lazy_assay.checks.cli.options import as_json, json_of
from lazy_assay.checks.vocabulary.text import line

CODES = {"right": 0, "wrong": 1, "undecided": 3}


@click.command("scaling")
@click.argument("factory", metavar="MODULE:FACTORY")
@click.option("--widths", default="64,128,256,512,1024", show_default=True, help="Growing, at least four.")
@click.option("--steps", default="0,1,4", show_default=True, help="After how many steps to measure.")
@click.option("--table", default="", help="mup, ntk, mean field or standard; default: the module's table, else mup.")
@click.option("--seeds", default=8, show_default=True)
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

    module, model = _loaded(factory)
    further = {name: getattr(module, name) for name in ("loss", "table", "exceptions") if hasattr(module, name)}
    if table:
        further["table"] = table
    data = _named(module, "data")
    try:
        result = scaling(
            model,
            data() if callable(data) else data,
            optimiser=_named(module, "optimiser"),
            widths=_whole(widths, "--widths"),
            steps=_whole(steps, "--steps"),
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


def _loaded(factory: str) -> tuple[Any, Any]:
    name, _, attribute = factory.partition(":")
    if not name or not attribute:
        raise click.UsageError(f"{factory}: name a module and what makes a network of a width, as networks:model.")
    sys.path.append(os.getcwd())  # last: nothing of the folder stands in for a library
    try:
        module = importlib.import_module(name)
    except Exception as error:  # a reader's module may raise anything
        raise click.UsageError(f"{name} cannot be imported ({type(error).__name__}: {error}).") from None
    finally:
        sys.path.pop()
    return module, _named(module, attribute)


def _named(module: Any, name: str) -> Any:
    if not hasattr(module, name):
        raise click.UsageError(f"{module.__name__} has no {name}.")
    return getattr(module, name)


def _whole(text: str, option: str) -> tuple[int, ...]:
    try:
        return tuple(int(it) for it in text.split(","))
    except ValueError:
        raise click.UsageError(f"{option} {text}: whole numbers with commas between.") from None


def _plain(row: Any) -> dict[str, Any]:
    low, high = row.interval
    return {
        "kind": row.kind, "name": row.name, "step": row.step, "exponent": str(row.exponent), "low": str(low),
        "high": str(high), "bend": row.bend, "promised": row.allowed and [str(it) for it in row.allowed],
        "verdict": row.verdict, "reason": row.reason,
    }  # fmt: skip
