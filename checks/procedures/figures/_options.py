"""What a user may change of a figure, as plain data."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields, replace

from lazy_assay.checks.statistics.effect import SEEDS_AT_LEAST
from lazy_assay.checks.vocabulary.profiles import PROFILES, SIZE, Profile


@dataclass(frozen=True, kw_only=True)
class Options:
    """The size (d, or what the figure calls so), draws of the weights or seeds, steps and step sizes of SGD.

    None: as the figure declares.
    """

    size: int
    draws: int | None = None
    steps: int | None = None
    step_sizes: tuple[float, ...] | None = None

    @property
    def profile(self) -> Profile:
        """What its points are run with. No guard: a figure takes the time that it takes."""
        return replace(PROFILES["full"], name=f"{SIZE}{self.size}", guard=float("inf"))

    def seeds(self, declared: int) -> int:
        """Seeds of an observation: those asked for, or as the figure declares; never less than one can be made of."""
        return max(SEEDS_AT_LEAST, self.draws or declared)

    @property
    def text(self) -> str:
        """The options as JSON text."""
        return json.dumps(asdict(self))

    @classmethod
    def of(cls, text: str) -> Options:
        """The inverse of `text`. Raises ValueError, one line, for what is none."""
        given = json.loads(text)
        names = {item.name for item in fields(cls)}
        if not isinstance(given, dict) or not {"size"} <= set(given) <= names:
            raise ValueError(f"the options of a figure are an object with a size, of {', '.join(sorted(names))}")
        sizes = given.get("step_sizes")
        return cls(**{**given, "step_sizes": None if sizes is None else tuple(sizes)})
