"""What a check file declares: how a claim is confronted, and the status that is expected of it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from lazy_assay.checks.vocabulary.profiles import ORDER, PROFILES, Profile, rank
from lazy_assay.checks.vocabulary.result import Result, Scalar, Tolerance
from lazy_assay.checks.vocabulary.space import Space
from lazy_assay.theory import Claim, Domain, Part, Relation

if TYPE_CHECKING:
    from lazy_assay.checks.vocabulary.context import Context

Values = Mapping[str, Any]
# The name of what compares a statement with its own formulas: it says nothing of how near a bound is to the data.
CHAIN = "chain"


@dataclass(frozen=True, kw_only=True)
class Expected:
    """The status that a part should have, why, and since when. A run fails where it differs, in either direction.

    `as_printed` says what should become of the paper's own formula where it is wrong.
    """

    status: str
    reason: str
    date: str
    as_printed: str = ""


@dataclass(frozen=True, kw_only=True)
class Task:
    """One pytest item: a named piece of one part's checks.

    `searches` marks those that may raise suspects; `routes` names the simulations that it runs, and `simulations`
    gives those behind each route of its results. `confirms` is how many
    confirmations it makes at most, beside those of suspects: all of them share the claim's false-alarm rate.
    `simulates`: whether torch may be used, which takes seconds to load. `reads` are the runs that it reads, where
    another task may read them too; only the order in which tasks begin hangs on it.
    Raises ValueError for a name that cannot be shown on one line.
    """

    claim: Claim
    part: Part
    name: str
    run: Callable[[Context], list[Result]]
    searches: bool = False
    routes: tuple[str, ...] = ()
    simulations: Mapping[str, tuple[Callable[..., Any], ...]] = field(default_factory=dict)
    confirms: int = 0
    simulates: bool = True
    reads: frozenset[Hashable] = frozenset()

    @classmethod
    def algebra(cls, claim: Claim, part: Part, name: str, run: Callable[[Context], list[Result]]) -> Task:
        """One that simulates nothing."""
        return cls(claim=claim, part=part, name=name, run=run, simulates=False)

    def __post_init__(self) -> None:
        # Items are named by it, in the journal and in junit.xml.
        if not self.name or not self.name.isprintable():
            raise ValueError(f"[{self.claim.id}] task: {self.name!r} is no name; it is shown, on one line")

    @property
    def id(self) -> str:
        """`claim:part/name`, unique in a run."""
        return f"{self.claim.id}{':' + self.part.name if self.part.name else ''}/{self.name}"


def run_at(route: Route, configuration: Mapping[str, Scalar]) -> Hashable:
    """What tells the runs of a route at a configuration from others, whatever is read off them: see `Task.reads`."""
    return route.simulate, route.name, frozenset(configuration.items())


def part_of(task: str) -> str:
    """The part that a task belongs to by its id, `claim:part`."""
    return task.partition("/")[0]


def claim_of(task: str) -> str:
    """The claim that a task belongs to by its id."""
    return part_of(task).partition(":")[0]


class Procedure(Protocol):
    """One way of confronting a part."""

    @property
    def part(self) -> str:
        """The name of the part."""
        ...

    def tasks(self, claim: Claim) -> Sequence[Task]:
        """The items that it runs for `claim`."""
        ...


class Declared(Procedure, Protocol):
    """One that a check file declares, with configurations of its own."""

    def validate(self, claim: Claim) -> None:
        """Raise ValueError, one line, for a configuration that the claim's domains make nothing of."""
        ...


@dataclass(frozen=True, kw_only=True)
class Resolution:
    """The discrepancy, beyond the bias, that a check promises to notice: a share of the prediction, plus a floor.

    per: parts of the floor that fall as a size grows, `{"d": 0.06}` for 0.06/d. Such a floor follows the noise: the
    risk of one draw of the weights spreads like 1/d, and a budget is a number of draws.
    """

    relative: float
    per: Mapping[str, float] = field(default_factory=dict)
    absolute: float = 0.0

    def at(self, predicted: float, values: Values) -> float:
        """In the units of the prediction, at a configuration's values. Raises KeyError for a size that these lack."""
        floor = (constant / int(values[size]) for size, constant in self.per.items())
        return sum(floor, self.relative * abs(predicted)) + self.absolute


@dataclass(frozen=True, kw_only=True)
class Fine:
    """Anchors of their own, at which less must be noticed: where draws cost little for what they tell.

    resolution and copies (see `Route`) are planned for a quick run's budget: benchmarks/resolutions.py. further: those
    that are dear, which a thorough profile alone runs, as a space's; `dear` is their resolution and copies, where they
    are others.
    """

    anchors: tuple[Mapping[str, Scalar], ...]
    resolution: Resolution
    copies: int = 1
    further: tuple[Mapping[str, Scalar], ...] = ()
    dear: tuple[Resolution, int] | None = None

    def anchored(self, profile: Profile) -> tuple[Mapping[str, Scalar], ...]:
        """The anchors that a profile runs."""
        return (*self.anchors, *self.further) if profile.thorough else self.anchors

    def at(self, configuration: Mapping[str, Scalar]) -> tuple[Resolution, int] | None:
        """Resolution and copies at an anchor; None anywhere else."""
        plain, dear = (self.resolution, self.copies), self.dear or (self.resolution, self.copies)
        for anchors, told in ((self.anchors, plain), (self.further, dear)):
            if any(dict(it) == dict(configuration) for it in anchors):
                return told
        return None


@dataclass(frozen=True, kw_only=True)
class Clock:
    """How long a trained route trains: step size, number of steps, output scale α. Shown beside each result.

    One step of size η moves the gradient flow of the same objective by a time of η, so time = step size × steps; an
    objective divided by α² (a model scaled by α) has its own step size, and α stands beside to say so.
    """

    step_size: float
    steps: int
    alpha: float = 1.0

    @property
    def time(self) -> float:
        """Time of the gradient flow that the steps discretise."""
        return self.step_size * self.steps

    def figures(self) -> dict[str, float]:
        """The numbers by name, as results carry them."""
        return {"step size": self.step_size, "steps": float(self.steps), "time": self.time, "alpha": self.alpha}


@dataclass(frozen=True, kw_only=True)
class Route:
    """One way of simulating a prediction: a simulation, what it needs beyond the configuration, what its bias may be.

    settings: further keyword arguments of the simulation, computed from the configuration's values.
    allowance: the named parts of the bias at a configuration, with their sources.
    bounds: the range that the observable cannot leave, where it has one: the confidence sequence is then exact.
    trials: the size of a batch, from the configuration's values.
    copies: how many raw draws are averaged to one that is compared: where they cost microseconds, a budget, which
    counts what is compared, then tells a percent. clips: whether what then leaves `bounds` is put on their edge.
    space: where this route's configurations come from, if it cannot afford those of its procedure.
    examples: at most so many drawn configurations in a quick run, and in proportion in others, for a route whose draws
    are dear; 0 leaves the anchors alone.
    twin: for a trained route, the exact simulation that draws the same weights under the same key; what training leaves
    above it is then measured draw by draw, on streams of its own, and joins the allowance. The same simulation with
    other `twin_settings` (more steps) does where there is no exact one.
    coarser: settings of the simulation on a coarser path (half the steps, a lesser size): how far its draws lie from
    the route's own under the same key joins the allowance as `discretisation`. They go through the same context as all
    draws, so they are guarded, stored and replaced like them.
    clock: how long a trained route trains at a configuration's values.
    reads: what of the raw draws is compared, first axis the trials: a column, or a trajectory at a given loss.
    Routes of one simulation and configuration that read differently share its draws.
    parameters: domains of what its configurations hold beside the part's parameters, by name, or in place of these.
    relations: what ties them, beside the part's own relations.
    """

    name: str
    simulate: Callable[..., Any]
    settings: Callable[[Values], Mapping[str, Any]] = lambda values: {}
    allowance: Callable[[Values], Tolerance] = lambda values: Tolerance()
    bounds: tuple[float, float] | None = None
    trials: Callable[[Values], int] = lambda values: 256
    copies: int = 1
    clips: bool = False
    space: Space | None = None
    examples: int | None = None
    twin: Callable[..., Any] | None = None
    twin_settings: Callable[[Values], Mapping[str, Any]] | None = None
    coarser: Callable[[Values], Mapping[str, Any]] | None = None
    clock: Callable[[Values], Clock] | None = None
    reads: Callable[[np.ndarray], np.ndarray] | None = None
    parameters: Mapping[str, Domain] = field(default_factory=dict)
    relations: tuple[Relation, ...] = ()

    @property
    def coarse(self) -> Route | None:
        """The same route on its coarser path, where it has one."""
        if self.coarser is None:
            return None
        fine, coarser = self.settings, self.coarser
        return replace(self, settings=lambda values: {**fine(values), **coarser(values)}, coarser=None)

    def affordable(self, profile: Profile) -> Profile:
        """The profile with no more drawn configurations than the route can afford."""
        if self.examples is None:
            return profile
        share = self.examples * profile.examples // PROFILES[ORDER[0]].examples if profile.thorough else self.examples
        return replace(profile, examples=min(profile.examples, share))

    def figures(self, values: Values) -> dict[str, float]:
        """What a result of this route carries beside its estimate: the clock's numbers, where it trains."""
        return self.clock(values).figures() if self.clock else {}


@dataclass(frozen=True, kw_only=True)
class Check:
    """All of a claim's confrontations and the expected status of each of its parts (by name; "" for an unnamed one).

    uncontrolled: of an assumption that no control breaks, by name: where it is broken instead, or why it cannot be.
    """

    claim: Claim
    procedures: tuple[Declared, ...] = ()
    expected: Mapping[str, Expected] = field(default_factory=dict)
    uncontrolled: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        names = {part.name for part in self.claim.parts}
        for name in (*self.expected, *(procedure.part for procedure in self.procedures)):
            if name not in names:
                raise ValueError(f"[{self.claim.id}] check: there is no part {name!r}; the claim has {sorted(names)}")
        known = {assumption.name for part in self.claim.parts for assumption in part.assumptions}
        for name in self.uncontrolled:
            if name not in known:
                raise ValueError(f"[{self.claim.id}] check, uncontrolled: no part assumes {name!r}, of {sorted(known)}")
        for procedure in self.procedures:
            procedure.validate(self.claim)

    def decides(self, part: str) -> str:
        """The first profile that runs all that decides a part; in a lesser one the part is undecided here."""
        declared = [getattr(procedure, "decides", ORDER[0]) for procedure in self.procedures if procedure.part == part]
        return max(declared, key=rank, default=ORDER[0])
