"""`assay list`."""

from __future__ import annotations

from collections.abc import Mapping

import click

from lazy_assay.checks.cli.options import as_json, chosen, collection_option, json_of, ledger, ledger_option, warn
from lazy_assay.checks.vocabulary.text import line
from lazy_assay.theory import Collection


@click.command("list")
@click.option("--errata", is_flag=True, help="The papers' errata instead, gravest first.")
@collection_option
@as_json
@ledger_option
def command(errata: bool, collections: list[Collection], json_: bool, ledger_url: str | None) -> None:
    """Every claim: id, kind, source, expected status, last status."""
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
    wide = {key: max(len(str(row[key])) for row in rows) for key in ("id", "kind", "expected")}
    for row in rows:
        told = "  ".join(f"{row[key]:{wide[key]}}" for key in ("id", "kind", "expected"))
        click.echo(f"{told}  {line(row['last'] or 'never run'):12}  {row['source']}")
    return None


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
