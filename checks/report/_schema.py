"""The published schema of results.json, and the one way to turn a run's data into strict JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema

from lazy_assay.checks.vocabulary.text import line

SCHEMA = Path(__file__).with_name("results.schema.json")
# What there are many of, each with its definition in the schema: one that cannot be read costs no other.
ENTRIES = {
    "results": "result",
    "claims": "claim",
    "errata": "erratum",
    "coverage/skipped": "coverage/properties/skipped/items",
    "coverage/per_claim": "coverage/properties/per_claim/additionalProperties",
}
# So many of those that cannot be read are named; the others are counted.
NAMED = 100


class InvalidDataError(ValueError):
    """The data breaks the published schema; the message says where, and what was expected there."""


@cache
def _validator() -> Any:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def strict(value: Any) -> Any:
    """The same data with NaN and infinities as the strings "nan", "inf", "-inf", which strict JSON can hold."""
    if isinstance(value, Mapping):
        return {str(key): strict(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [strict(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(float(value))
    return value


def readable(data: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Stored data without the entries that the schema does not allow, and a sentence for each of these.

    What is left out stands in the coverage as skipped, so that the report names it. Raises InvalidDataError where what
    is left is no run.
    """
    whole: dict[str, Any] = strict(data)
    left_out: list[str] = []
    for path, entry in ENTRIES.items():
        *way, name = path.split("/")
        inside: Any = whole
        for step in way:
            inside = inside.get(step) if isinstance(inside, dict) else None
        if isinstance(inside, dict) and isinstance(inside.get(name), (list, dict)):
            inside[name], reasons = _kept(inside[name], entry)
            left_out += [f"{path}/{place}: {reason}" for place, reason in reasons]
    if len(left_out) > NAMED:
        left_out = [*left_out[:NAMED], f"{len(left_out) - NAMED} entries more: cannot be read"]
    validate(whole)
    skipped = [{"item": sentence.partition(": ")[0], "reason": sentence.partition(": ")[2]} for sentence in left_out]
    coverage = {**whole["coverage"], "skipped": [*whole["coverage"]["skipped"], *skipped]}
    return {**whole, "coverage": coverage}, left_out


def _kept(entries: Any, definition: str) -> tuple[Any, list[tuple[str, str]]]:
    validator = _validator().evolve(schema={"$ref": f"urn:assay:results#/$defs/{definition}"})
    found = entries.items() if isinstance(entries, dict) else enumerate(entries)
    errors = [(place, entry, next(validator.iter_errors(entry), None)) for place, entry in found]
    reasons = [(line(place)[:80], f"cannot be read: {_complaint(error)}") for place, _, error in errors if error]
    good = [(place, entry) for place, entry, error in errors if error is None]
    return (dict(good) if isinstance(entries, dict) else [entry for _, entry in good]), reasons


def _complaint(error: Any) -> str:
    place = "/".join(map(str, error.absolute_path))
    return line(f"{place}{': ' if place else ''}{error.message}")[:300]


@cache
def _quick() -> Any:
    import jsonschema_rs

    return jsonschema_rs.validator_for(json.loads(SCHEMA.read_text(encoding="utf-8")))


def validate(data: Mapping[str, Any]) -> None:
    """Raise InvalidDataError where `strict` data break results.schema.json: the first error by place."""
    # Whole data are told a hundred times faster; what is wrong is told in jsonschema's words.
    # A lone half of a character, which JSON may hold and UTF-8 may not, is one of the things that it cannot read.
    with suppress(UnicodeEncodeError):
        if _quick().is_valid(data):
            return
    errors = sorted(_validator().iter_errors(data), key=lambda error: list(map(str, error.absolute_path)))
    if errors:
        place = "/".join(map(str, errors[0].absolute_path)) or "the top level"
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        raise InvalidDataError(f"results.json at {place}: {errors[0].message[:300]}{more}; see {SCHEMA.name}")
