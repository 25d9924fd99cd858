"""What surrounds a statement: its source, the assumptions it needs, plausible wrong versions, and the paper's
mistakes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sympy as sp


@dataclass(frozen=True, kw_only=True)
class Paper:
    """A paper, stated once, in the package of its claims."""

    key: str
    authors: str
    title: str
    venue: str
    year: int


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where a statement stands: the paper and the place in it."""

    paper: Paper
    locator: str

    def __str__(self) -> str:
        return f"{self.paper.authors} ({self.paper.year}), {self.locator}"


@dataclass(frozen=True, kw_only=True)
class Assumption:
    """A predicate over a configuration, with the paper's name for it.

    An asymptotic assumption (A2: ‖d·Gamma‖ ≤ C) becomes a predicate through `threshold`, a sentence that says which.
    required: without it the formulas mean nothing, and `predict` raises InvalidParameterError.
    """

    name: str
    sentence: str
    holds: Callable[..., bool]
    threshold: str = ""
    required: bool = False


@dataclass(frozen=True, kw_only=True)
class Decoy:
    """A plausible wrong version that the checks must refute.

    `published` takes the arguments of the statement's own formula. `finite` is its finite-size form, where it has one;
    otherwise the finite-size correction of the right formula is carried over unchanged.
    """

    name: str
    sentence: str
    published: Callable[..., Any]
    finite: Callable[..., Any] | None = None


class Gravity(StrEnum):
    """What an erratum changes, gravest first: so that a misprint does not stand beside a false theorem."""

    RESULT = "changes a result"
    CONSTANT = "a constant"
    CONDITION = "a condition"
    MISPRINT = "a misprint"


@dataclass(frozen=True, kw_only=True)
class Stronger:
    """An inequality that implies a part's own, and is proved wherever the part's assumptions hold. why: where.

    What is weaker than it contradicts nothing, however wrong it is as the part's statement: it is set apart by name.
    """

    statement: sp.Basic
    why: str


@dataclass(frozen=True, kw_only=True)
class Erratum:
    """A printed statement that is wrong: what is printed, what is right, and why.

    gravity: RESULT where what the paper concludes is false; CONSTANT for a wrong factor, sign of a term or exponent;
    CONDITION for what is true under a condition that is not printed; MISPRINT for what no reader is misled by.
    printed: the paper's words or formula, quoted; reading: ours, where the quotation leaves open what it says.
    charitable: the reading that would save the sentence, and why it does not (a misprint needs none).
    """

    gravity: Gravity
    locator: str
    printed: str
    corrected: str
    derivation: str
    evidence: str
    reading: str = ""
    charitable: str = ""
    printed_form: sp.Basic | None = None
    corrected_form: sp.Basic | None = None

    def __post_init__(self) -> None:
        if self.gravity is not Gravity.MISPRINT and not self.charitable:
            raise ValueError(f"erratum at {self.locator}, charitable: say which reading was tried, and why it fails")


@dataclass(frozen=True, kw_only=True)
class Remark:
    """What a reader of the paper should know and no erratum: a case that it leaves out, a convention, a software."""

    locator: str
    sentence: str


Measured = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class Reported:
    """Numbers that a paper reports of an experiment, shown beside ours: two sides, by setting.

    sides: in the order of the contrasts of the check, larger and smaller. rows: for each setting the mean and the
    standard deviation of either side, in the units of the part's quantity, over `trials` runs.
    """

    sides: tuple[str, str]
    rows: Mapping[str, tuple[Measured, Measured]]
    trials: int
