"""The journal of a run: JSON lines, appended and never rewritten, read without being trusted.

The first line is a header, then comes one line an item with a seal of its own, and a footer (how many lines stand above
it, and their digest) closes the run. A reader changes nothing: what cannot be read is skipped, counted and told. A line
that a kill cut off is ended before the next one is written, so that it takes no other with it.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lazy_assay.checks.vocabulary import files, text
from lazy_assay.checks.vocabulary.result import Result, from_json

FORMAT = 2
# A result is some kilobytes, and an item has some hundreds; what is longer was written by nobody here.
LONGEST = 16 * 2**20
# So many of the lines that are no entries are named; the others are counted.
NAMED = 100


class JournalError(ValueError):
    """The journal cannot be read or written at all; one line says why and how to mend it."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One finished item: its results, and what made them (code, profile, entropy, device)."""

    item: str
    made: Mapping[str, Any]
    results: list[Result]


@dataclass(frozen=True, kw_only=True)
class Journal:
    """What a journal holds: the last entry of each item, the header, and what was skipped.

    `skipped` counts the lines that are no entries; `bad` has a sentence for each of them, or for many of them one.
    """

    head: Mapping[str, Any] | None = None
    entries: dict[str, Entry] = field(default_factory=dict)
    bad: tuple[str, ...] = ()
    skipped: int = 0
    closed: bool = False


def read(path: Path) -> Journal:
    """The journal at `path`; empty where there is none. Raises JournalError where it is no readable file."""
    if not path.exists():
        return Journal()
    if not path.is_file():
        raise JournalError(f"{path} is no regular file; name another report folder")
    head, entries, bad, skipped, closed = None, {}, [], 0, False
    digest = hashlib.blake2b(digest_size=20)
    for number, line in _lines(path):
        closed = False
        try:
            told = _parsed(line)
            if told.get("end") is True:
                closed = (told.get("lines"), told.get("digest")) == (number - 1, digest.hexdigest())
                if not closed:
                    raise ValueError("its count or digest is not that of the lines above it")
            elif "journal" in told:
                head = told
            else:
                entry = _entry(told)
                entries[entry.item] = entry
        except (ValueError, KeyError, TypeError) as error:
            skipped += 1
            if skipped <= NAMED:
                bad.append(f"{path.name}, line {number}: {_reason(error)}")
        digest.update(line)
    if skipped > NAMED:
        bad.append(f"{path.name}, and {skipped - NAMED} lines more")
    return Journal(head=head, entries=entries, bad=tuple(bad), skipped=skipped, closed=closed)


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    try:
        with files.opened(path) as file:
            yield from enumerate(iter(lambda: file.readline(LONGEST), b""), 1)
    except OSError as error:
        raise JournalError(f"{path} cannot be read ({error.strerror}); name another report folder") from None


def _parsed(line: bytes) -> dict[str, Any]:
    if not line.endswith(b"\n"):
        raise ValueError("cut off")
    told = files.strict_json(line)
    if not isinstance(told, dict):
        raise ValueError(f"a JSON object is expected, not {type(told).__name__}")
    return told


def _entry(told: Mapping[str, Any]) -> Entry:
    item, made, rows = told["item"], told["made"], told["results"]
    for name, value, kind in (("item", item, str), ("made", made, dict), ("results", rows, list)):
        if not isinstance(value, kind):
            raise ValueError(f"{name} is {type(value).__name__}, not {kind.__name__}")
    results = [from_json(row) for row in rows]
    if not results or any(result.task != item for result in results):
        raise ValueError("its results are not those of its item")
    if any(result.id != row.get("id") for result, row in zip(results, rows, strict=True)):
        raise ValueError("a result's id is not that of what it says was compared")
    if told.get("seal") != _seal({name: value for name, value in told.items() if name != "seal"}):
        raise ValueError("its seal is not that of what it holds")
    return Entry(item=item, made=made, results=results)


def sealed(entry: Mapping[str, Any]) -> dict[str, Any]:
    """A line of an item with its seal, by which a changed number is known from the one that was found."""
    return {**entry, "seal": _seal(entry)}


def _seal(entry: Mapping[str, Any]) -> str:
    return hashlib.blake2b(json.dumps(entry, sort_keys=True).encode(), digest_size=20).hexdigest()


def _reason(error: Exception) -> str:
    told = f"{error.args[0]!s} is missing" if isinstance(error, KeyError) else str(error) or type(error).__name__
    return text.line(told)[:200]


def append(path: Path, line: Mapping[str, Any]) -> None:
    """Add one line, on disk when this returns. Raises JournalError where it cannot be written."""
    written = json.dumps(line, ensure_ascii=False, allow_nan=False).encode(errors="backslashreplace") + b"\n"
    try:
        with files.held(path) as file:
            if file.tell() and not _ended(file):
                written = b"\n" + written
            file.write(written)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise JournalError(
            f"{path} cannot be written ({error.strerror}); what is in it stays: make room, then `assay run --resume`"
        ) from None


def _ended(file: Any) -> bool:
    file.seek(-1, os.SEEK_END)
    return bool(file.read(1) == b"\n")


def opened(path: Path, run: Mapping[str, Any]) -> None:
    """Begin a journal with its header, unless it has begun."""
    if not path.exists() or path.stat().st_size == 0:
        append(path, {"journal": FORMAT, **run})


def close(path: Path) -> None:
    """End a journal with a footer; one that has not grown since its last footer gets no second."""
    if read(path).closed:
        return
    whole = path.read_bytes()
    if not whole.endswith(b"\n"):
        whole += b"\n"
    told = {"end": True, "lines": whole.count(b"\n"), "digest": hashlib.blake2b(whole, digest_size=20).hexdigest()}
    append(path, told)
