"""A figure's points as rows: points.csv and points.json, the same numbers in both, and neither time nor machine."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lazy_assay.checks.ledger.files import place
from lazy_assay.checks.vocabulary.result import Result

COLUMNS = (
    "series",
    "route",
    "kind",
    "d",
    "N",
    "n",
    "estimate",
    "low",
    "high",
    "predicted_finite",
    "published",
    "excess",
    "budget",
    "step_size",
    "steps",
    "trials",
    "diverged",
    "verdict",
)


def _row(result: Result) -> dict[str, Any]:
    """`kind` is point or rate (the exponent of the excess in n). Absent numbers are None."""
    series, _, route = result.route.removeprefix("rate of ").partition(" by ")
    figures, trained = result.figures, "excess" in result.figures
    told: dict[str, Any] = {
        "series": series,
        "route": route,
        "kind": "rate" if result.check == "rate" else "point",
        "d": result.configuration["d"],
        "N": result.configuration["N"],
        "n": int(figures.get("samples", 0)) or None,
        "estimate": result.estimate,
        "low": result.interval[0],
        "high": result.interval[1],
        "predicted_finite": None if result.check == "rate" else result.predicted,
        "published": figures.get("published"),
        "excess": figures.get("excess"),
        "budget": result.tolerance.bias if result.tolerance.sources else None,
        "step_size": figures.get("step_size"),
        "steps": result.configuration.get("steps"),
        "trials": result.trials,
        "diverged": int(figures["step sizes that diverged"]) if trained else result.diverged,
        "verdict": result.verdict.value,
    }
    return {name: told[name] for name in COLUMNS}


def write(folder: Path, results: Sequence[Result], head: Mapping[str, Any]) -> list[Path]:
    """points.csv (an empty cell is an absent number) and points.json (with the run's options and the status)."""
    return placed(folder, COLUMNS, [_row(result) for result in results], head)


def placed(
    folder: Path, columns: Sequence[str], table: Sequence[Mapping[str, Any]], head: Mapping[str, Any]
) -> list[Path]:
    """The same rows in both files."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: "" if value is None else value for name, value in row.items()} for row in table)
    place(folder / "points.csv", text.getvalue())
    data = {**head, "points": [{name: _plain(value) for name, value in row.items()} for row in table]}
    place(folder / "points.json", json.dumps(data, indent=1, ensure_ascii=False, allow_nan=False) + "\n")
    return [folder / "points.csv", folder / "points.json"]


def _plain(value: Any) -> Any:
    """Strict JSON: NaN and infinities as strings."""
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value
