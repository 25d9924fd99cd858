"""`assay power`."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

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
@click.option(
    "--from",
    "runs",
    multiple=True,
    type=click.Path(path_type=Path),
    help="A report folder: by plan from what that run drew, nothing simulated; --out then holds what is known better. "
    "May be given more than once: of a claim that several hold, the last counts.",
)
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
    runs: tuple[Path, ...],
    missing: bool,
    json_: bool,
) -> None:
    """What the checks would notice: graded mistakes in each part's statement, and which of them are refuted.

    Without ids, every claim, or all that the run holds. With --table alone beside --out, nothing is measured.
    """
    from lazy_assay.checks.engine.order import UsageError, validate
    from lazy_assay.checks.power import table as tables
    from lazy_assay.checks.power.measured import as_data, measure
    from lazy_assay.checks.power.stored import held, load, save
    from lazy_assay.theory import claim

    validate(profile, entropy, "cpu")
    if runs:
        if faults or missing:
            raise UsageError("--from simulates nothing: it goes with neither --faults nor --missing")
        click.echo(from_runs(runs, chosen(ids, collections) if ids else (), folder, table, whole=whole, json_=json_))
        return
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
        write(table, rows, stored[0]["profile"], stored[0]["entropies"], folder)
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


def from_runs(
    runs: Sequence[Path], ids: Sequence[str], folder: Path | None, table: Path | None, *, whole: bool, json_: bool
) -> str:
    """What the parts of a stored run would notice, by plan; of those that a folder holds, by what was measured."""
    from lazy_assay.checks.power import table as tables
    from lazy_assay.checks.power.measured import as_data
    from lazy_assay.checks.power.planned import plan
    from lazy_assay.checks.power.runs import stored
    from lazy_assay.checks.power.stored import load
    from lazy_assay.theory import claim

    held = stored(*runs)
    rows: dict[tuple[str, str], Mapping[str, Any]] = {}
    for id in ids or held.claims:
        powers = [plan(held, claim(id), part, whole=whole) for part in claim(id).parts if part.quantitative]
        rows |= {(id, power.part): as_data(power) for power in powers}
        if not json_:
            click.echo(f"{id}: {sum(power.seconds for power in powers):.1f} s", err=True)
    measured = load(folder) if folder is not None else []
    for row in (row for it in measured if it["profile"] == held.profile.name for row in it["parts"]):
        key = row["claim"], row["part"]
        if not ids or row["claim"] in ids:
            # Its kill curve is that of the run.
            rows[key] = row | {"comparisons": rows[key]["comparisons"] if key in rows else {}}
    told = list(rows.values())
    if table is not None:
        write(table, told, held.profile.name, (held.entropy,), folder)
    return json_of(told, indent=1) if json_ else "\n".join([*tables.counts(told), "", *tables.weakest(told)])


def write(
    table: Path, rows: Sequence[Mapping[str, Any]], profile: str, entropies: Sequence[int], folder: Path | None
) -> None:
    """The page; where the folder holds no planted faults, those of the page as it is stay."""
    from lazy_assay.checks.power import table as tables
    from lazy_assay.checks.power.faults.told import load as load_sightings
    from lazy_assay.theory import claims

    before = table.read_text(encoding="utf-8") if table.is_file() else ""
    faults = tables.planted(load_sightings(folder) if folder is not None else (), before)
    parts = sum(part.quantitative for it in claims() for part in it.parts)
    table.write_text(tables.page(rows, profile, entropies, faults, parts), encoding="utf-8")
