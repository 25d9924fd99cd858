"""What a certified rank says: a verdict, the certificate that proves it, and the reason in one sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from lazy_assay.sims.modules.errors import ModuleError

Number = int | float | str


class RankVerdict(StrEnum):
    """The three answers; the values are the words shown. A method that fails is `NONE`, never `DEFICIENT`."""

    FULL = "full rank"
    DEFICIENT = "deficient"
    NONE = "no verdict"


class Scope(StrEnum):
    """What was asked: at the module's own weights, or for some weights of the same architecture (Assumption 1)."""

    GIVEN = "these weights"
    SOME = "some weights"


@dataclass(frozen=True, kw_only=True)
class Proof:
    """Which rung of the ladder proves a verdict, and the numbers that do. `every_weight`: whatever the weights are."""

    rung: str
    numbers: Mapping[str, Number] = field(default_factory=dict)
    every_weight: bool = False


@dataclass(frozen=True, kw_only=True)
class RankResult:
    """The answer for the matrix [h, 1] of `samples` rows and `columns` columns; `tried` says why other rungs passed.

    `rank` is that of a plain matrix, exactly.

    `certificate` is None exactly where there is no verdict.
    """

    verdict: RankVerdict
    reason: str
    scope: Scope
    certificate: Proof | None = None
    samples: int = 0
    columns: int = 0
    tried: tuple[str, ...] = ()
    rank: int | None = None


class NoVerdictError(ModuleError):
    """This rung, or the whole ladder, cannot say; the message is the reason, in one line."""
