"""A run's journal in the ledger: written once, sealed by a digest, named by its run and that digest.

The first line is the head (all that results.json holds, but the results), then comes one line a result, and a footer
with the count of the lines above it and their digest. Two journals with the same digest are the same journal.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, cast

from lazy_assay.checks.vocabulary import files, text

FORMAT = 1
# How a compressed file begins.
MAGIC = b"\x1f\x8b"
# A head names every claim and erratum, a result has some kilobytes; what is longer was written by nobody here.
LONGEST = 64 * 2**20
_TEXT = json.JSONEncoder(ensure_ascii=False, allow_nan=False)
RUN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
NAME = re.compile(r"(?P<run>[A-Za-z0-9][A-Za-z0-9._-]{0,79})\.(?P<digest>[0-9a-f]{40})\.jsonl\.gz")


class DamagedError(ValueError):
    """The file is no sealed journal, or is not what was sealed; the message says where it breaks."""


def sealed(data: Mapping[str, Any]) -> tuple[str, bytes]:
    """The name and the compressed bytes of the journal of a run, given as in results.json (strict: no NaN).

    Raises ValueError for data that is no run, or whose run has a name that no file may have.
    """
    id = data["run"]["id"]
    if not isinstance(id, str) or not RUN.fullmatch(id):
        raise ValueError(f"the run's id {text.line(id)[:80]!r} is none: letters, digits, '.', '_' and '-' make one")
    head = {"ledger": FORMAT} | {name: value for name, value in data.items() if name != "results"}
    lines = b"".join(_line(entry) for entry in (head, *data["results"]))
    seal = hashlib.blake2b(lines, digest_size=20).hexdigest()
    footer = {"end": True, "lines": 1 + len(data["results"]), "digest": seal}
    # Compressed without a clock: the same journal is the same file.
    return f"{id}.{seal}.jsonl.gz", gzip.compress(lines + _line(footer), compresslevel=6, mtime=0)


def _line(entry: Mapping[str, Any]) -> bytes:
    return _TEXT.encode(entry).encode(errors="backslashreplace") + b"\n"


def digest(path: Path) -> str:
    """The digest in the name of a journal."""
    return _named(path)["digest"]


def run(path: Path) -> str:
    """The run in the name of a journal."""
    return _named(path)["run"]


def _named(path: Path) -> re.Match[str]:
    if (told := NAME.fullmatch(path.name)) is None:
        raise DamagedError("its name is not RUN.DIGEST.jsonl.gz")
    return told


def packed(path: Path) -> bytes:
    """The file as the ledger keeps it: compressed. Raises OSError."""
    stored = files.read(path)
    return stored if stored.startswith(MAGIC) else gzip.compress(stored, compresslevel=6, mtime=0)


def check(path: Path) -> str:
    """The name that the journal at `path` should have, by its content. Raises DamagedError, or OSError."""
    seal, number, id, footer = hashlib.blake2b(digest_size=20), 0, "", b""
    for number, line in _lines(path):
        if footer:
            seal.update(footer)
        id = _head(line)["run"]["id"] if number == 1 else id
        footer = line
    if number < 2 or _data(footer, number) != {"end": True, "lines": number - 1, "digest": seal.hexdigest()}:
        raise DamagedError("its lines are not those that were sealed")
    return f"{id}.{seal.hexdigest()}.jsonl.gz"


def head(path: Path) -> dict[str, Any]:
    """All that the journal says about its run. Raises DamagedError, or OSError."""
    for _, line in _lines(path):
        found = _head(line)
        return {name: value for name, value in found.items() if name != "ledger"}
    raise DamagedError("it is empty")


def rows(path: Path) -> Iterator[tuple[int, Any]]:
    """The results and the line that each stands in (from 2 on); of one that is no JSON, its text."""
    last = (0, b"")
    for number, line in _lines(path):
        # The last line is the footer.
        if last[0] > 1:
            yield last[0], _parsed(last[1])
        last = (number, line)


def _parsed(line: bytes) -> Any:
    try:
        return files.strict_json(line)
    except ValueError:
        return line.decode(errors="backslashreplace")


def _head(line: bytes) -> dict[str, Any]:
    found = _data(line, 1)
    told = found.get("run")
    if found.get("ledger") != FORMAT or not isinstance(told, dict):
        raise DamagedError(f"its first line is no head of a run in format {FORMAT}")
    if not isinstance(told.get("id"), str) or not RUN.fullmatch(told["id"]):
        raise DamagedError("its run has no id that a file may be named by")
    return found


def _data(line: bytes, number: int) -> dict[str, Any]:
    try:
        found = files.strict_json(line)
    except ValueError as error:
        raise DamagedError(f"line {number}: {text.line(error)[:200]}") from None
    if not isinstance(found, dict):
        raise DamagedError(f"line {number} is {type(found).__name__}, not an object")
    return found


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    read = 0
    with _opened(path) as file:
        try:
            for number, line in enumerate(iter(lambda: file.readline(LONGEST), b""), 1):
                read += len(line)
                if not line.endswith(b"\n") or read > files.LARGEST:
                    raise DamagedError(f"line {number} is cut off, or the file is larger than any run's")
                yield number, line
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise DamagedError(f"it cannot be decompressed ({error})") from None


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    with files.opened(path) as file:
        compressed = file.read(2) == MAGIC
        file.seek(0)
        if not compressed:
            yield file
            return
        with gzip.GzipFile(fileobj=file) as unpacked:
            yield cast(IO[bytes], unpacked)
