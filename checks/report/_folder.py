"""Writes the folder: everything is rendered before anything is written, and files appear whole or not at all."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from lazy_assay import theory
from lazy_assay.checks.report import _page, _summary
from lazy_assay.checks.report._schema import strict, validate

History = Mapping[str, list[dict[str, Any]]]
Lookup = Callable[[str], theory.Claim | None]


def known_claim(id: str) -> theory.Claim | None:
    """The claim of that id, or None where it is no longer known, or cannot be loaded."""
    try:
        return theory.claim(id)
    except (theory.UnknownClaimError, theory.UnloadedClaimError):
        return None


def write(
    data: Mapping[str, Any], folder: Path, history: History | None = None, *, lookup: Lookup = known_claim
) -> Path:
    """Write `index.html`, `results.json` and `summary.md` into `folder`; return the path of `index.html`.

    `data` is what results.json holds (results.schema.json describes it). `history` gives earlier runs by claim id,
    oldest first: `{"started": ISO date, "status": str}` with `run` and `commit` where known. `lookup` finds a claim's
    statement. Raises InvalidDataError, before anything is written, where the data breaks the schema.
    """
    data = strict(data)
    validate(data)
    earlier = history or {}
    texts = {
        "results.json": json.dumps(data, allow_nan=False, ensure_ascii=False, indent=1) + "\n",
        "summary.md": _summary.render(data, earlier),
        "index.html": _page.render(data, earlier, lookup),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        _place(folder / name, text)
    return folder / "index.html"


def _place(path: Path, text: str) -> None:
    """Write beside the target and rename, so that a reader never meets half a file."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
        # mkstemp makes files for the owner's eyes only; a report is to be read by others.
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
