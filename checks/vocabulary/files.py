"""Files that nobody vouches for: looked at before they are opened, read up to a size, written whole or not at all."""

from __future__ import annotations

import json
import os
import stat
import tempfile
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

# A quick run of every claim has some ten megabytes of results.
LARGEST = 2**30
# A result has four levels; readers of data call themselves once a level.
DEEPEST = 64


def opened(path: Path) -> IO[bytes]:
    """A regular file, open for reading. Raises OSError: a pipe or a device in its place would block for ever."""
    return os.fdopen(_regular(path, os.O_RDONLY), "rb")


def held(path: Path) -> IO[bytes]:
    """A regular file, open for appending and made where there is none. Raises OSError: a link is not followed."""
    return os.fdopen(_regular(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0)), "ab+")


def _regular(path: Path, flags: int) -> int:
    handle = os.open(path, flags | getattr(os, "O_NONBLOCK", 0), 0o644)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(None, "it is no regular file", str(path))
    return handle


def try_out(folder: Path) -> None:
    """Make a folder, and a file in it that is gone again. Raises OSError where nothing can be written there."""
    folder.mkdir(parents=True, exist_ok=True)
    handle, probe = tempfile.mkstemp(dir=folder, prefix=".probe.")
    os.close(handle)
    os.unlink(probe)


def read(path: Path, largest: int = LARGEST) -> bytes:
    """The bytes of a regular file. Raises OSError for any other, and for one of more than `largest` bytes."""
    with opened(path) as file:
        small = os.fstat(file.fileno()).st_size <= largest
        stored = file.read(largest + 1) if small else b""
    if not small or len(stored) > largest:
        raise OSError(None, f"it has more than {largest} bytes", str(path))
    return stored


def strict_json(text: str | bytes) -> Any:
    """The data of strict JSON text, in UTF-8. Raises ValueError, for NaN and for what is nested too deep as well."""
    if isinstance(text, bytes):
        # Not left to json, which would take UTF-16 and halves of characters as well.
        text = text.decode("utf-8-sig")
    try:
        found = json.loads(text, parse_constant=_refuse, object_pairs_hook=_object)
    except RecursionError:
        raise ValueError("it is nested too deep") from None
    if _deep(found):
        raise ValueError("it is nested too deep")
    return found


def _deep(data: Any) -> bool:
    level = [data] if isinstance(data, (dict, list)) else []
    for _ in range(DEEPEST):
        inside = (it.values() if isinstance(it, dict) else it for it in level)
        level = [value for values in inside for value in values if isinstance(value, (dict, list))]
    return bool(level)


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no strict JSON")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = Counter(name for name, _ in pairs).most_common(1)[0][0]
        raise ValueError(f"it names {twice[:40]!r} twice in one object")
    return found


def read_json(path: Path, largest: int = LARGEST) -> Any:
    """The data of a JSON file of at most so many bytes. Raises OSError or ValueError."""
    return strict_json(read(path, largest))


def place(path: Path, data: str | bytes) -> None:
    """Write beside the target and rename: a reader never meets half a file, and a link is replaced, not followed."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data.encode(errors="backslashreplace") if isinstance(data, str) else data)
        # mkstemp makes files for the owner's eyes only; what is written here is to be read by others.
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise
