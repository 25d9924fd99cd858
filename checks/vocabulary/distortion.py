"""What is changed before a comparison, to see whether it is noticed: a dial for every kind of part."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True, kw_only=True)
class Distortion:
    """A mistake in a statement, as a procedure meets it; each dial stands at its place until it is turned.

    prediction: a prediction and its configuration's values, to the number that is compared with draws, or with what a
    derivation gives. effect: paired differences of an observation, shape (seeds,), the smallest effect of interest and
    whether the finding is that there is none, to the differences that are judged. threshold: the number that a
    certificate holds a draw against. plant: an object that is certified, and what takes the property from it.
    """

    prediction: Callable[[float, Mapping[str, Any]], float] = lambda value, values: value
    effect: Callable[[np.ndarray, float, bool], np.ndarray] = lambda differences, smallest, equality: differences
    threshold: Callable[[float], float] = lambda value: value
    plant: Callable[[Any, Callable[[Any], Any]], Any] = lambda found, without: found

    @classmethod
    def of(cls, predicted: Callable[[Any], Any]) -> Distortion:
        """One of every prediction, whatever its configuration."""
        return cls(prediction=lambda value, values: predicted(value))
