"""`assay figure`."""

from __future__ import annotations

import os
from pathlib import Path

import click

from lazy_assay.checks.cli.options import collection_option, workers_option
from lazy_assay.theory import Collection


@click.command("figure")
@click.argument("id")
@click.option(
    "--size",
    type=int,
    help="The dimension d, the paper's is 450; or a width, as the figure has it. Default: 100, or what takes minutes.",
)
@click.option(
    "--out",
    "folder",
    type=click.Path(path_type=Path),
    default=Path("assay-figure"),
    help="Folder; what is stored there is used.",
)
@click.option("--draws", type=click.IntRange(min=2), help="Draws of the weights; 10 at the paper's size.")
@click.option("--steps", type=click.IntRange(min=1), help="Steps of SGD. Default: the paper's, scaled with the size.")
@click.option("--step-sizes", metavar="E,E,…", help="The grid of SGD. Default: 0.001 to 0.03.")
@click.option("--entropy", type=click.IntRange(min=0), default=0, show_default=True, help="Fixes all noise.")
@click.option("--device", help="cpu, cuda or cuda:1. Default: a GPU where there is one.")
@workers_option
@click.option("--dry-run", is_flag=True, help="Print what it would cost, and stop.")
@collection_option
def command(
    id: str,
    collections: list[Collection],
    size: int | None,
    folder: Path,
    draws: int | None,
    steps: int | None,
    step_sizes: str | None,
    entropy: int,
    device: str | None,
    workers: str,
    dry_run: bool,
) -> int:
    """A figure of a paper: theory lines, simulated points, a table of both, a status. An interrupted one goes on."""
    from lazy_assay.checks.cli.figure import execute, plan, request, usual
    from lazy_assay.checks.procedures.figures._options import Options

    size = usual(id) if size is None else size
    options = Options(size=size, draws=draws, steps=steps, step_sizes=_numbers(step_sizes))
    asked = request(id, options, entropy, device, folder)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    count = 0 if asked.device != "cpu" else cores if workers == "auto" else int(workers)
    if dry_run:
        for line in plan(asked, max(count, 1)):
            click.echo(line)
        return 0
    return execute(asked, count, click.echo)


def _numbers(text: str | None) -> tuple[float, ...] | None:
    if text is None:
        return None
    try:
        return tuple(float(entry) for entry in text.split(","))
    except ValueError:
        raise click.UsageError(f"--step-sizes {text!r} is not a list of numbers such as 0.001,0.01.") from None
