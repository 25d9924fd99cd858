"""Options that several commands take."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from lazy_assay.checks.vocabulary.text import json_text

if TYPE_CHECKING:
    from lazy_assay.checks.ledger import Ledger

as_json = click.option("--json", "json_", is_flag=True, help="Print data as JSON.")
ledger_option = click.option(
    "--ledger", "ledger_url", metavar="URL", help="Where results are kept over time. Default: the user's own."
)


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
    return value


workers_option = click.option(
    "-n",
    "workers",
    callback=_workers,
    default="auto",
    metavar="N",
    help="Worker processes; 0 for none, auto for as many as fit.",
)
