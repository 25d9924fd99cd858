"""What was measured, one file a claim, so that a long measurement can be done in pieces and told as one table."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lazy_assay.checks.engine.made import code_digest
from lazy_assay.checks.engine.order import UsageError
from lazy_assay.checks.power.measured import Power, as_data
from lazy_assay.theory._catalogue import catalogue


def save(folder: Path, claim: str, powers: Sequence[Power], profile: str, entropies: Sequence[int]) -> Path:
    """Write a claim's measurement, in place of an earlier one."""
    folder.mkdir(parents=True, exist_ok=True)
    told = {
        "claim": claim,
        "profile": profile,
        "entropies": list(entropies),
        "code": code_digest(tuple(catalogue().collections)),
        "parts": [as_data(power) for power in powers],
    }
    path = folder / f"{claim}.json"
    path.write_text(json.dumps(told, indent=1, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")
    return path


def held(folder: Path) -> set[str]:
    """The claims that were measured there with the code as it is now."""
    now = code_digest(tuple(catalogue().collections))
    return {it["claim"] for it in load(folder) if it["code"] == now}


def load(folder: Path) -> list[dict[str, Any]]:
    """Every measurement in a folder. Raises UsageError for one that is none, or where profiles or entropies differ."""
    found = []
    for path in sorted(folder.glob("*.json")):
        try:
            told = json.loads(path.read_text(encoding="utf-8"))
            found.append({name: told[name] for name in ("claim", "profile", "entropies", "code", "parts")})
        except (ValueError, KeyError, TypeError):
            raise UsageError(f"{path}: it is no measurement of power; remove it, or measure again") from None
    if len({(it["profile"], *it["entropies"]) for it in found}) > 1:
        raise UsageError(f"{folder}: measurements of several profiles or entropies; take a folder for each")
    return found
