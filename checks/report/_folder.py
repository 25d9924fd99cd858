"""Writes the folder: everything is rendered before anything is written, and files appear whole or not at all."""

from __future__ import annotations

import gc
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lazy_assay import theory
from lazy_assay.checks.report import _page, _summary
from lazy_assay.checks.report._measured import measured
from lazy_assay.checks.report._schema import strict, validate
from lazy_assay.checks.vocabulary.files import place
from lazy_assay.checks.vocabulary.text import shown

History = Mapping[str, list[dict[str, Any]]]
Lookup = Callable[[str], theory.Claim | None]


def known_claim(id: str) -> theory.Claim | None:
    """The claim of that id, or None where it is no longer known, or cannot be loaded."""
    try:
        return theory.claim(id)
    except (theory.UnknownClaimError, theory.UnloadedClaimError):
        return None


def write(
    data: Mapping[str, Any],
    folder: Path,
    history: History | None = None,
    *,
    lookup: Lookup = known_claim,
    changes: str = "",
) -> Path:
    """Write the pages, `results.json`, `errata.json` and `summary.md` into `folder`; return the path of `index.html`.

    `data` is what results.json holds (results.schema.json describes it). `history` gives earlier runs by claim id,
    oldest first: `{"started": ISO date, "status": str}` with `run` and `commit` where known. `lookup` finds a claim's
    statement, `changes` is what the index says of other runs, as safe HTML. Raises InvalidDataError, before anything is
    written, where the data breaks the schema.
    """
    data = strict(data)
    validate(data)
    # Stored strings, names included, may hold anything; the theory's own are code.
    readable, earlier = shown(data), shown(history or {})
    with _uncollected():
        pages, errata = _page.render(readable, earlier, lookup, changes, measured(folder))
    # The index comes last: what it links to is there.
    texts = {
        # Without indentation, which Python would make character by character.
        "results.json": json.dumps(data, allow_nan=False, ensure_ascii=False) + "\n",
        "errata.json": json.dumps(errata, allow_nan=False, ensure_ascii=False, indent=1) + "\n",
        "summary.md": _summary.render(readable, earlier),
        **pages,
    }
    (folder / "claims").mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        place(folder / name, text)
    return folder / "index.html"


@contextmanager
def _uncollected() -> Iterator[None]:
    """A collector that walks ten thousand results again and again takes a fifth of the time, and finds nothing."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
