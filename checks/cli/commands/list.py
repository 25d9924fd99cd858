"""`assay list`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

import click

from lazy_assay.checks.cli.options import as_json, chosen, collection_option, json_of, ledger, ledger_option, warn
from lazy_assay.checks.vocabulary.text import line
from lazy_assay.theory import Collection, Paper


@click.command("list")
@click.option("--errata", is_flag=True, help="The papers' errata instead, gravest first.")
@collection_option
@as_json
@ledger_option
def command(errata: bool, collections: list[Collection], json_: bool, ledger_url: str | None) -> None:
    """Every claim by its paper: id, expected status, last status, title; with --json kind and source too."""
    if errata:
        from lazy_assay.checks.cli.show import errata_data, errata_text

        return click.echo(json_of(errata_data(), indent=1) if json_ else errata_text())
    from lazy_assay.checks.engine.registry import check, faults
    from lazy_assay.checks.vocabulary.status import expected_status
    from lazy_assay.theory._status import NOT_RUN

    ids, last = chosen((), collections), _last(ledger_url)
    broken = faults(ids)
    warn(broken)
    rows = [
        {
            "id": id,
            "kind": claim.kind,
            "title": claim.title,
            "source": str(claim.source),
            "expected": expected_status(claim, check(id)),
            "last": NOT_RUN if id in broken else last.get(id),
        }
        for id, claim in ((id, check(id).claim) for id in ids)
    ]
    if json_:
        return click.echo(json_of(rows, indent=1))
    for told in _grouped(rows, {claim.id: claim.source.paper for claim in (check(id).claim for id in ids)}):
        click.echo(told)
    return None


def _grouped(rows: Sequence[Mapping[str, Any]], papers: Mapping[str, Paper]) -> Iterator[str]:
    """A line a paper, and below it one a claim: id, expected status, last status, title."""
    wide = {key: max(len(str(row[key])) for row in rows) for key in ("id", "expected")} if rows else {}
    for paper, group in groupby(rows, key=lambda row: papers[row["id"]]):
        yield line(f"{paper.authors} ({paper.year}), {paper.title}")
        for row in group:
            told = "  ".join(f"{row[key]:{width}}" for key, width in wide.items())
            yield f"  {told}  {line(row['last'] or 'never run'):14}  {line(row['title'])}"


def _last(ledger_url: str | None) -> Mapping[str, str]:
    """Last statuses; the user's own ledger, which nobody named, costs a line where it cannot be used, and no list."""
    from lazy_assay.checks.ledger import LedgerError

    try:
        return ledger(ledger_url).last_statuses()
    except LedgerError as error:
        if ledger_url is not None:
            raise
        click.echo(f"assay: {error}", err=True)
        return {}
