"""`assay power`."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path

import click

from lazy_assay.checks.cli.options import as_json, chosen, collection_option, json_of
from lazy_assay.theory import Collection


@click.command("power")
@click.argument("ids", nargs=-1)
@click.option("--profile", default="quick", show_default=True, help="Whose budgets: quick, full or nightly.")
@click.option("--entropy", type=click.IntRange(min=0), default=0, show_default=True, help="Fixes all noise.")
@click.option(
    "--entropies", type=click.IntRange(1, 1000), default=1, show_default=True, help="How many, from there on."
)
@click.option("--out", "folder", type=click.Path(path_type=Path), help="Keep a file for each claim in this folder.")
@click.option("--table", type=click.Path(path_type=Path), help="Write the page of all that the folder holds.")
@click.option(
    "--faults",
    is_flag=True,
    help="Plant faults in the simulations instead; without ids, where each is looked for first.",
)
@click.option("--whole", is_flag=True, help="Errors of the whole alone: no mistakes inside of a statement.")
@click.option("--missing", is_flag=True, help="Of these claims, what --out does not hold yet at this code.")
@collection_option
@as_json
def command(
    ids: tuple[str, ...],
    collections: list[Collection],
    profile: str,
    entropy: int,
    entropies: int,
    folder: Path | None,
    table: Path | None,
    faults: bool,
    whole: bool,
    missing: bool,
    json_: bool,
) -> None:
    """What the checks would notice: graded mistakes in each part's statement, and which of them are refuted.

    Without ids, every claim. With --table alone beside --out, nothing is measured.
    """
    from lazy_assay.checks.engine.order import UsageError, validate
    from lazy_assay.checks.power import table as tables
    from lazy_assay.checks.power.faults.told import load as load_sightings
    from lazy_assay.checks.power.measured import as_data, measure
    from lazy_assay.checks.power.stored import held, load, save
    from lazy_assay.theory import claim, claims

    validate(profile, entropy, "cpu")
    if table is not None and folder is None:
        raise UsageError("--table writes what --out holds: name its folder")
    if faults:
        click.echo("\n".join(planted(chosen(ids, collections) if ids else (), entropy, folder, json_)))
        return
    keys, rows = tuple(range(entropy, entropy + entropies)), []
    known = held(folder) if folder is not None and missing else ()
    for id in chosen(ids, collections) if ids or table is None else ():
        if id in known:
            continue
        found = [measure(claim(id), part, profile, keys, whole=whole) for part in claim(id).parts]
        rows += [as_data(power) for power in found]
        if folder is not None:
            save(folder, id, found, profile, keys)
        if not json_:
            click.echo(f"{id}: {sum(power.seconds for power in found):.1f} s", err=True)
    if table is not None and folder is not None:
        stored = load(folder)
        rows = [row for it in stored for row in it["parts"]]
        if not stored:
            raise UsageError(f"{folder}: nothing is measured there yet")
        parts = sum(part.quantitative for it in claims() for part in it.parts)
        page = tables.page(rows, stored[0]["profile"], stored[0]["entropies"], load_sightings(folder), parts)
        table.write_text(page, encoding="utf-8")
    shown = [*tables.counts(rows), "", *tables.weakest(rows)]
    click.echo(json_of(rows, indent=1) if json_ else "\n".join(shown))


def planted(ids: Sequence[str], entropy: int, folder: Path | None, json_: bool) -> list[str]:
    """What the checks say of simulations with a fault in them; kept in a folder, where one is named."""
    from dataclasses import asdict

    from lazy_assay.checks.power.faults import targets
    from lazy_assay.checks.power.faults.told import save, section

    anywhere = itertools.chain.from_iterable(targets.everywhere(id, entropy) for id in ids)
    sightings = []
    for fault, watch in anywhere if ids else targets.pairs(entropy):
        sightings.append(watch.sighted(fault))
        click.echo(f"{fault.name}, {watch.task.id}: {sightings[-1].fate}", err=True)
    if folder is not None:
        save(folder, sightings)
    return [json_of([asdict(it) for it in sightings], indent=1)] if json_ else section(sightings)
