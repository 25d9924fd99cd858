"""Values of `--set NAME=VALUE`: numbers, names, diagonals as 1,0.5,0.2, matrices with rows apart by `;` (1,2; for one
row), @file.npy."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import IO, Any

import click
import numpy as np

from lazy_assay.checks.vocabulary import files
from lazy_assay.theory import InvalidParameterError
from lazy_assay.theory._parameter import LARGEST_SIZE, shown

# A header of the .npy format is one short line; so much of it is read.
LONGEST_HEADER = 10_000
# What an array may weigh: a matrix of the largest size, in doubles.
LARGEST_BYTES = 8 * LARGEST_SIZE**2


def parsed(id: str, settings: tuple[str, ...]) -> dict[str, Any]:
    """Values by name, for claim `id`. Raises click.UsageError or InvalidParameterError for what cannot be read."""
    given: dict[str, Any] = {}
    for text in settings:
        name, separator, value = text.partition("=")
        if not separator or not name:
            raise click.UsageError(f"--set {shown(text)} is not of the form NAME=VALUE.")
        if name in given:
            raise click.UsageError(f"--set gives {shown(name)[1:-1]} twice.")
        given[name] = _value(id, name, value)
    return given


def _value(id: str, name: str, text: str) -> Any:
    if text.startswith("@"):
        try:
            return _array(text[1:])
        except (OSError, ValueError, MemoryError) as error:
            told = str(getattr(error, "strerror", None) or error)
            why = " ".join(told.split()) or type(error).__name__
            told = f"[{id}] {name}: {shown(text[1:])[1:-1]} cannot be read as a .npy file: {why}"
            raise InvalidParameterError(told) from None
    try:
        # Exactly, however many digits it has; a domain says whether it is too many.
        return int(text)
    except ValueError:
        pass
    rows = [row.split(",") for row in text.removesuffix(";").split(";")]
    try:
        numbers = [[float(entry) for entry in row] for row in rows]
    except ValueError:
        if "," in text or ";" in text:
            told = f"[{id}] {name}: {shown(text)} is not a list of numbers such as 1,0.5,0.2"
            raise InvalidParameterError(told) from None
        return text
    if ";" in text:
        return numbers
    return numbers[0][0] if len(numbers[0]) == 1 else np.array(numbers[0])


def _array(path: str) -> np.ndarray:
    """The array in a .npy file, its header and size looked at before its data. Raises OSError or ValueError."""
    with files.opened(Path(path)) as file:
        shape, dtype = _header(file)
        if dtype.hasobject or dtype.kind not in "biuf":
            raise ValueError(f"it holds {dtype}, not real numbers")
        asked = math.prod(shape) * dtype.itemsize
        if asked > LARGEST_BYTES:
            raise ValueError(f"it holds an array of shape {shown(shape)}; at most {LARGEST_BYTES} bytes are taken")
        if asked != (there := os.fstat(file.fileno()).st_size - file.tell()):
            raise ValueError(f"its header promises {asked} bytes of data, it has {there}")
        file.seek(0)
        read: np.ndarray = np.lib.format.read_array(file, allow_pickle=False, max_header_size=LONGEST_HEADER)
        return read


def _header(file: IO[bytes]) -> tuple[tuple[int, ...], np.dtype[Any]]:
    """Shape and type as the file's header has them. Raises ValueError for what is no .npy file."""
    version = np.lib.format.read_magic(file)
    read = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}.get(version)
    if read is None:
        raise ValueError(f"format version {version} is not known; numpy.save writes 1.0 and 2.0 for plain numbers")
    shape, _, dtype = read(file, max_header_size=LONGEST_HEADER)
    if any(not isinstance(n, int) or n < 0 for n in shape):
        raise ValueError(f"its header has the shape {shown(shape)}")
    return shape, dtype
