"""The published schema of results.json, and the one way to turn a run's data into strict JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema

SCHEMA = Path(__file__).with_name("results.schema.json")


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


def validate(data: Mapping[str, Any]) -> None:
    """Raise InvalidDataError where `data` is not what results.schema.json describes (the first error by place)."""
    errors = sorted(_validator().iter_errors(strict(data)), key=lambda error: list(map(str, error.absolute_path)))
    if errors:
        place = "/".join(map(str, errors[0].absolute_path)) or "the top level"
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        raise InvalidDataError(f"results.json at {place}: {errors[0].message[:300]}{more}; see {SCHEMA.name}")
