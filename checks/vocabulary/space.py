"""Where a check draws its configurations from: ranges inside the claim's own domain that a budget can afford."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lazy_assay.checks.vocabulary.profiles import Profile
from lazy_assay.checks.vocabulary.result import Scalar


@dataclass(frozen=True)
class Between:
    """Whole numbers from `low` to `high`, both included."""

    low: int
    high: int


@dataclass(frozen=True)
class OneOf:
    """One of the values given."""

    values: tuple[Scalar, ...]


@dataclass(frozen=True)
class Ratio:
    """A whole number near `of` times a ratio from a lattice: the paper's rho = N/d stays in view while d moves."""

    of: str
    ratios: tuple[float, ...]


@dataclass(frozen=True)
class Members:
    """Members of a domain's families, by name; families with a seed draw one."""

    families: tuple[str, ...]
    seeds: int = 1000


Draw = Between | OneOf | Ratio | Members


@dataclass(frozen=True, kw_only=True)
class Space:
    """`draws` for what varies, in an order in which each may refer to those before; `anchors` are always run, `further`
    ones in thorough profiles alone.

    An anchor is a configuration where the allowance is small against one percent (that is where the power is), or one
    that lines up with others so that the report can show a curve. `degenerate` names configurations where the claim
    is empty or its decoys coincide: run, reported, and kept apart.
    """

    draws: Mapping[str, Draw]
    anchors: tuple[Mapping[str, Scalar], ...] = ()
    degenerate: Mapping[str, Mapping[str, Scalar]] = field(default_factory=dict)
    further: tuple[Mapping[str, Scalar], ...] = ()

    def anchored(self, profile: Profile) -> tuple[Mapping[str, Scalar], ...]:
        """The anchors that a profile runs."""
        return (*self.anchors, *self.further) if profile.thorough else self.anchors
