"""`assay list`."""

from __future__ import annotations

import click

from lazy_assay import theory
from lazy_assay.checks.cli.options import as_json, json_of, ledger, ledger_option
from lazy_assay.checks.vocabulary.text import line


@click.command("list")
@click.option("--errata", is_flag=True, help="The papers' errata instead, gravest first.")
@as_json
@ledger_option
def command(errata: bool, json_: bool, ledger_url: str | None) -> None:
    """Every claim: id, kind, source, expected status, last status."""
    if errata:
        from lazy_assay.checks.cli.show import errata_data, errata_text

        return click.echo(json_of(errata_data(), indent=1) if json_ else errata_text())
    from lazy_assay.checks.engine.registry import check
    from lazy_assay.checks.vocabulary.status import expected_status

    last = ledger(ledger_url).last_statuses()
    rows = [
        {
            "id": claim.id,
            "kind": claim.kind,
            "title": claim.title,
            "source": str(claim.source),
            "expected": expected_status(claim, check(claim.id)),
            "last": last.get(claim.id),
        }
        for claim in theory.claims()
    ]
    if json_:
        return click.echo(json_of(rows, indent=1))
    wide = {key: max(len(str(row[key])) for row in rows) for key in ("id", "kind", "expected")}
    for row in rows:
        told = "  ".join(f"{row[key]:{wide[key]}}" for key in ("id", "kind", "expected"))
        click.echo(f"{told}  {line(row['last'] or 'never run'):12}  {row['source']}")
    return None
