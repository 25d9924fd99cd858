"""Values of `--set NAME=VALUE`: numbers, names, diagonals as 1,0.5,0.2, matrices with rows apart by `;`, @file.npy."""

from __future__ import annotations

from typing import Any

import click
import numpy as np

from lazy_assay.theory import InvalidParameterError


def parsed(id: str, settings: tuple[str, ...]) -> dict[str, Any]:
    """Values by name, for claim `id`. Raises click.UsageError or InvalidParameterError for what cannot be read."""
    given: dict[str, Any] = {}
    for text in settings:
        name, separator, value = text.partition("=")
        if not separator or not name:
            raise click.UsageError(f"--set {text!r} is not of the form NAME=VALUE.")
        if name in given:
            raise click.UsageError(f"--set gives {name} twice.")
        given[name] = _value(id, name, value)
    return given


def _value(id: str, name: str, text: str) -> Any:
    if text.startswith("@"):
        try:
            return np.load(text[1:], allow_pickle=False)
        except (OSError, ValueError) as error:
            raise InvalidParameterError(f"[{id}] {name}: {text[1:]} cannot be read as a .npy file: {error}") from None
    rows = [row.split(",") for row in text.split(";")]
    try:
        numbers = [[float(entry) for entry in row] for row in rows]
    except ValueError:
        if "," in text or ";" in text:
            raise InvalidParameterError(f"[{id}] {name}: {text!r} is not a list of numbers such as 1,0.5,0.2") from None
        return text
    if len(numbers) > 1:
        return numbers
    return numbers[0][0] if len(numbers[0]) == 1 else np.array(numbers[0])
