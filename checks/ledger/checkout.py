"""Assay's own checkout: the commit that ran, and what was committed between two nights, by whom."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
# A range longer than this is no list that anybody reads.
SHOWN = 40
_APART = "\x1f"


class Commit(NamedTuple):
    """One commit of a range: its short name, author, day (ISO 8601) and subject."""

    name: str
    author: str
    day: str
    subject: str


def commit(root: Path | None = None) -> str:
    """The commit of the checkout, with a mark where files differ from it; empty for an installed package."""
    return _git(root, "describe", "--always", "--dirty", "--abbrev=12")


def between(good: str, bad: str, root: Path | None = None) -> tuple[Commit, ...]:
    """What was committed after `good` up to `bad`, newest first, without merges, at most `SHOWN`.

    Empty where either is unknown here: another repository, a shallow clone, an installed package.
    """
    good, bad = (name.removesuffix("-dirty") for name in (good, bad))
    # From a ledger: whatever else it says is no name of a commit, and no option of git's.
    if not all(re.fullmatch("[0-9a-f]{7,40}", name) for name in (good, bad)):
        return ()
    form = _APART.join(("%h", "%an", "%cs", "%s"))
    told = _git(root, "log", "--no-merges", f"--max-count={SHOWN}", f"--format={form}", f"{good}..{bad}", "--")
    return tuple(Commit(*line.split(_APART, 3)) for line in told.splitlines() if line.count(_APART) >= 3)


def _git(root: Path | None, *words: str) -> str:
    root = root or ROOT
    if not (root / ".git").exists():
        return ""
    try:
        told = subprocess.run(
            ["git", "-C", str(root), *words],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=10,
            check=False,
            # GIT_DIR and its like would ask another repository, and run its hooks.
            env={name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return told.stdout.strip() if told.returncode == 0 else ""
