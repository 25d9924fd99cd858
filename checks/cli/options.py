"""Options that several commands take."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lazy_assay.checks.vocabulary.text import json_text, line
from lazy_assay.theory import Collection, collection
from lazy_assay.theory._catalogue import catalogue

if TYPE_CHECKING:
    from lazy_assay.checks.ledger import Ledger

# A worker holds torch and its own copy of every array: more of them than this help nobody.
WORKERS_A_CORE = 16

as_json = click.option("--json", "json_", is_flag=True, help="Print data as JSON.")
ledger_option = click.option(
    "--ledger", "ledger_url", metavar="URL", help="Where results are kept over time. Default: the user's own."
)


def _registered(_: click.Context, __: click.Parameter, folders: tuple[Path, ...]) -> list[Collection]:
    return [collection(folder) for folder in folders]


# Before any other argument is read, for those may be ids that a collection makes known.
collection_option = click.option(
    "--collection",
    "collections",
    multiple=True,
    metavar="DIR",
    type=click.Path(path_type=Path),
    is_eager=True,
    callback=_registered,
    help="A folder with claims of your own; without ids, its claims are meant. May be given more than once.",
)


def chosen(ids: tuple[str, ...], collections: list[Collection]) -> tuple[str, ...]:
    """The ids that a command is about: those named, or all of the collections that are named, or all."""
    return tuple(dict.fromkeys(catalogue().place(id).id for id in ids)) or catalogue().ids(*collections)


def warn(broken: Mapping[str, str]) -> None:
    """One line for each reason that claims cannot be loaded, and for each collection that was refused."""
    for fault in dict.fromkeys([*catalogue().refused, *broken.values()]):
        many = sum(other == fault for other in broken.values())
        click.echo(line(f"assay: not run{f' ({many} claims)' if many > 1 else ''}: {fault}"), err=True)


def json_of(data: Any, indent: int | None = None) -> str:
    """Data as JSON text that a terminal may show."""
    return json_text(json.dumps(data, indent=indent, ensure_ascii=False))


def ledger(url: str | None) -> Ledger:
    """The ledger at that address, or the user's own."""
    from lazy_assay.checks.ledger import Ledger, default_url

    return Ledger(url or default_url())


def _workers(ctx: click.Context, _: click.Parameter, value: str) -> str:
    if value != "auto" and not (value.isascii() and value.isdecimal()):
        raise click.UsageError(f"-n {value!r} is neither a whole number nor auto.", ctx)
    cores = os.cpu_count() or 1
    if value != "auto" and (len(value) > 6 or int(value) > WORKERS_A_CORE * cores):
        raise click.UsageError(
            f"-n {value[:12]} is more than {WORKERS_A_CORE} workers for each of {cores} cores; take auto.", ctx
        )
    return value


workers_option = click.option(
    "-n",
    "workers",
    callback=_workers,
    default="auto",
    metavar="N",
    help="Worker processes; 0 for none, auto for as many as fit.",
)
