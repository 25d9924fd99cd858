"""What a check file declares of a figure: its axes, its spectra, its series and their theory lines."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lazy_assay.checks.vocabulary.check import Resolution, Route
from lazy_assay.checks.vocabulary.result import Scalar, Tolerance
from lazy_assay.checks.vocabulary.setting import Scope, Setting
from lazy_assay.theory import Claim, Domain, Part, Relation
from lazy_assay.theory._parameter import LARGEST_SIZE
from lazy_assay.theory._prediction import Formula, arguments

if TYPE_CHECKING:
    from lazy_assay.checks.procedures.figures._training import Training

Values = Mapping[str, Any]

# What would show in a figure of height one: half a dot. The floor in 1/d follows the noise of one draw of the weights.
RESOLUTION = Resolution(relative=0.0, absolute=0.01, per={"d": 1.0})


@dataclass(frozen=True, kw_only=True)
class Line:
    """A theory line: a part with a published and a finite-size formula, and what they take beyond size and spectra."""

    part: Part
    settings: Mapping[str, Scalar] = field(default_factory=dict)

    def configuration(self, spectra: Mapping[str, str], d: int, N: int) -> dict[str, Scalar]:
        """Plain scalars: sizes, spectra by name and seed."""
        return {"d": d, "N": N, **spectra, **self.settings}

    def published(self, values: Values) -> float:
        """The limit at rho = N/d."""
        if self.part.limit_of is None:
            return _call(self.part.published, values)
        return _call(self.part.published, {**values, **_call_dict(self.part.limit_of, values)})

    def finite(self, values: Values) -> float:
        """The finite-size prediction."""
        return _call(self.part.finite or self.part.published, values)


def _call(formula: Formula | None, values: Values) -> float:
    assert formula is not None
    return float(formula(**{name: values[name] for name in arguments(formula)}))


def _call_dict(formula: Formula, values: Values) -> dict[str, float]:
    told: dict[str, float] = formula(**{name: values[name] for name in arguments(formula)})
    return told


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """A series whose points are means over draws of the weights: an oracle or normal equations.

    flops: of one draw at (d, N). numbers: floats that one draw holds at once. The route states the bounds of the risk.
    """

    name: str
    regime: str
    line: Line
    route: Route
    flops: Callable[[int, int], float]
    numbers: Callable[[int, int], float]

    @property
    def how(self) -> str:
        """The route, in words."""
        return self.route.name


@dataclass(frozen=True, kw_only=True)
class Trained:
    """A series whose points are trained networks: their exact risks, and what training leaves above the least one.

    smallest: the least risk of each seed's class, shape (seeds,), from the values and the key of its first layer.
    budget: what training may leave above it, by named parts, from the values and what is known of the run.
    most: the largest N/d that is trained at size d.
    """

    name: str
    regime: str
    line: Line
    how: str
    training: Training
    smallest: Callable[[Values, int, int, str], Any]
    budget: Callable[[Values, Any], Tolerance]
    most: Callable[[int], float] = lambda d: float("inf")


Series = Drawn | Trained


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One frame. ratios: N/d of the points; for a frame over samples, one N/d and `checkpoints` sizes of the sample.

    smallest, largest: the least d at which the data exist, and the most that is taken. floors: levels that no series
    can fall below, by name; dotted.
    parameters, relations: of the spectra, and of what else its lines do not declare.
    """

    claim: Claim
    title: str
    risk: str
    spectra: Mapping[str, str]
    ratios: tuple[float, ...]
    series: tuple[Series, ...]
    checkpoints: int = 0
    smallest: int = 4
    largest: int = LARGEST_SIZE
    floors: Mapping[str, Line] = field(default_factory=dict)
    parameters: Mapping[str, Domain] = field(default_factory=dict)
    relations: tuple[Relation, ...] = ()

    @property
    def over_samples(self) -> bool:
        """Whether the abscissa is the number of samples."""
        return self.checkpoints > 0

    def neurons(self, series: Series, d: int) -> list[int]:
        """The N of a series at size d, increasing."""
        most = series.most(d) if isinstance(series, Trained) else float("inf")
        return sorted({max(1, round(ratio * d)) for ratio in self.ratios if ratio <= most})

    def setting(self, line: Line, d: int, N: int) -> Setting:
        """The configuration of a line at a size, with its arrays."""
        return self._scope(line).at(line.configuration(self.spectra, d, N))

    def validate(self) -> None:
        """Raise ValueError, one line, for a configuration out of its domains, or a point that nothing exact refutes."""
        for series in self.series:
            if isinstance(series, Drawn) and series.route.bounds is None:
                raise ValueError(
                    f"[{self.claim.id}] {self.title}: {series.name}: its route states no bounds of the risk"
                )
        for line in (*(series.line for series in self.series), *self.floors.values()):
            self._scope(line).require((line.configuration(self.spectra, self.smallest, 1),), "spectra and settings")

    def _scope(self, line: Line) -> Scope:
        return Scope.over(f"[{self.claim.id}] {self.title}", line.part, self.parameters, self.relations)
