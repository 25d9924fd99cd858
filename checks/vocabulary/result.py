"""Results and verdicts: one check of one part at one configuration by one route, as plain data."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any

Scalar = str | int | float | bool
# How an allowance says that a coarser path of the simulation gave it.
COARSER = "distance to a coarser path of the same draws, measured"


class Verdict(StrEnum):
    """What one result says; the values are the words shown. ELSEWHERE: its settings are run in a larger profile."""

    AGREES = "AGREES"
    DISAGREES = "DISAGREES"
    UNDECIDED = "UNDECIDED"
    OUT_OF_REGIME = "OUT_OF_REGIME"
    DIVERGED = "DIVERGED"
    NOT_RUN = "NOT_RUN"
    ELSEWHERE = "ELSEWHERE"


class Subject(StrEnum):
    """What was compared with the simulation."""

    CLAIM = "claim"
    DECOY = "decoy"
    AS_PRINTED = "as_printed"
    CONTROL = "control"


@dataclass(frozen=True, kw_only=True)
class Tolerance:
    """The named parts that add up to what a comparison may be off by, in the units of the quantity.

    All but `monte_carlo` (the half-width of the confidence set) make up the bias b(n). `sources` says, for each part,
    whether it was derived, computed or calibrated, and how.
    """

    finite_size: float = 0.0
    discretisation: float = 0.0
    optimisation: float = 0.0
    monte_carlo: float = 0.0
    rounding: float = 0.0
    sources: Mapping[str, str] = field(default_factory=dict)

    @property
    def bias(self) -> float:
        """The allowance b(n): everything but the Monte-Carlo part."""
        return self.finite_size + self.discretisation + self.optimisation + self.rounding

    def and_discretised(self, shift: float, source: str) -> Tolerance:
        """The same, and what a discretisation was measured to move."""
        sources = {
            **self.sources,
            "discretisation": "; ".join(filter(None, (self.sources.get("discretisation"), source))),
        }
        return replace(self, discretisation=self.discretisation + shift, sources=sources)

    def parts(self) -> dict[str, float]:
        """The numbers by name."""
        return {name: value for name, value in asdict(self).items() if name != "sources"}


@dataclass(frozen=True, kw_only=True)
class Result:
    """One comparison. `configuration` holds plain scalars (spectra by name and seed), so that it can be replayed.

    Of `decoy`, `assumption` (that a control breaks) and `case` at most one says what of its subject was compared;
    `degenerate` names a configuration at which the claim must not break down, `word` is what an observation came to,
    `fault` says what of the machine kept it from running. `stage` is "search", "confirm" or "exact" (no sampling);
    `method` says which confidence set; `task` which item made it, `statement_version` of which statement,
    `simulation_version` by which simulation ("" where none); `figures` holds further named numbers for the report.
    """

    claim: str
    part: str
    check: str
    subject: Subject
    configuration: Mapping[str, Scalar]
    route: str
    verdict: Verdict
    predicted: float = math.nan
    estimate: float = math.nan
    interval: tuple[float, float] = (math.nan, math.nan)
    trials: int = 0
    tolerance: Tolerance = field(default_factory=Tolerance)
    resolution: float = 0.0
    false_alarm: float = 0.0
    diverged: int = 0
    seconds: float = 0.0
    decoy: str = ""
    assumption: str = ""
    case: str = ""
    degenerate: str = ""
    word: str = ""
    fault: str = ""
    stage: str = "exact"
    method: str = ""
    message: str = ""
    profile: str = ""
    entropy: int = 0
    device: str = "cpu"
    task: str = ""
    statement_version: str = ""
    simulation_version: str = ""
    figures: Mapping[str, float] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What of its subject was compared: a decoy, a broken assumption or a case, by name; "" for the whole."""
        return self.decoy or self.assumption or self.case

    @property
    def id(self) -> str:
        """Twelve hexadecimal digits that name this comparison; the same in every run that makes it."""
        told = [self.claim, self.part, self.check, self.subject, self.name, self.route, self.stage, self.profile]
        key = json.dumps([*map(str, told), self.entropy, self.device, dict(self.configuration)], sort_keys=True)
        return hashlib.blake2b(key.encode(), digest_size=6).hexdigest()

    @property
    def comparison(self) -> str:
        """The key by which nights are compared, the same at every entropy and in every profile: JSON text."""
        names = [self.claim, self.part, self.check, self.route, self.subject.value, self.name]
        return json.dumps([*names, dict(self.configuration)], sort_keys=True, ensure_ascii=False)

    @property
    def guarantee(self) -> str:
        """What the interval rests on.

        exact: it holds at every number of draws whatever their law, from the range of the quantity (`betting`, `least
        mean`), or for a median or a chance (`median`, `binomial`) from the draws' independence alone.
        asymptotic: it holds in the limit of many draws, or for normal ones. certificate: a proof, draw by draw.
        computed: nothing was estimated; a number is held against a number within a computed budget. calibrated: a
        confidence set, held against an allowance that was itself measured.
        """
        counted = [self.tolerance.sources.get(name, "") for name, size in self.tolerance.parts().items() if size > 0]
        if self.method in METHODS and any(word in source for source in counted for word in MEASURED):
            return "calibrated"
        return METHODS.get(self.method, {"certificate": "certificate"}.get(self.method, "computed"))

    @property
    def replay(self) -> str:
        """The command that makes this result again."""
        return f"assay replay {self.id}"


# What confidence sets rest on, by their method; and how an allowance says that it was measured.
METHODS = {
    **dict.fromkeys(("betting", "median", "least mean", "binomial"), "exact"),
    **dict.fromkeys(("asymptotic", "t"), "asymptotic"),
}
MEASURED = ("calibrated", "measured", "heuristic")


def named(subject: Subject, name: str) -> dict[str, str]:
    """The field of a result that holds the name of what is compared: that of a wrong version of a statement, of an
    assumption that is broken, or of one case among others. A printed form needs none."""
    fields = {Subject.DECOY: "decoy", Subject.CONTROL: "assumption", Subject.CLAIM: "case"}
    return {fields[subject]: name} if subject in fields else {}


def _plain(value: float) -> float | str:
    """Strict JSON has no NaN and no infinity: they travel as strings."""
    return float(value) if math.isfinite(value) else str(float(value))


WORDS = (
    "claim",
    "part",
    "check",
    "route",
    "decoy",
    "assumption",
    "case",
    "degenerate",
    "word",
    "fault",
    "stage",
    "method",
    "message",
    "task",
    "statement_version",
    "simulation_version",
)
# As results.schema.json has it.
LARGEST_COUNT = 2**63 - 1
NUMBERS = ("predicted", "estimate", "resolution", "false_alarm", "seconds")


def to_json(result: Result) -> dict[str, Any]:
    """A result as strict JSON data (plain Python scalars only)."""
    data: dict[str, Any] = {name: str(getattr(result, name)) for name in WORDS}
    data |= {"id": result.id, "subject": result.subject.value, "verdict": result.verdict.value}
    data |= {name: _plain(getattr(result, name)) for name in NUMBERS}
    data |= {"trials": int(result.trials), "diverged": int(result.diverged), "entropy": int(result.entropy)}
    data |= {"profile": result.profile, "device": result.device, "replay": result.replay}
    data |= {"comparison": result.comparison, "guarantee": result.guarantee}
    data |= {"interval": [_plain(end) for end in result.interval], "configuration": dict(result.configuration)}
    data |= {"figures": {name: _plain(value) for name, value in result.figures.items()}}
    data |= {"tolerance": {name: _plain(value) for name, value in result.tolerance.parts().items()}}
    return data | {"tolerance_sources": dict(result.tolerance.sources)}


def from_json(data: Mapping[str, Any]) -> Result:
    """The inverse of `to_json`. Raises KeyError for a missing field, ValueError for one of a wrong type."""
    if not isinstance(data, Mapping):
        raise ValueError(f"a result is {type(data).__name__}, not an object")
    given: dict[str, Any] = {name: _of(data, name, str) for name in (*WORDS, "profile", "device")}
    given |= {name: _count(data, name) for name in ("trials", "diverged")}
    given |= {"entropy": _of(data, "entropy", int)}
    given |= {name: _read(data[name], name) for name in NUMBERS}
    interval = _of(data, "interval", list)
    if len(interval) != 2:
        raise ValueError(f"interval has {len(interval)} ends, not 2")
    return Result(
        **given,
        subject=Subject(_of(data, "subject", str)),
        verdict=Verdict(_of(data, "verdict", str)),
        interval=(_read(interval[0], "interval"), _read(interval[1], "interval")),
        configuration=_entries(data, "configuration", Scalar),
        figures={name: _read(value, name) for name, value in _of(data, "figures", dict).items()},
        tolerance=Tolerance(
            **{name: _read(data["tolerance"][name], name) for name in Tolerance().parts()},
            sources=_entries(data, "tolerance_sources", str),
        ),
    )


def _of(data: Mapping[str, Any], name: str, kind: type) -> Any:
    value = data[name]
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise ValueError(f"{name} is {type(value).__name__}, not {kind.__name__}")
    return value


def _count(data: Mapping[str, Any], name: str) -> int:
    counted: int = _of(data, name, int)
    if not 0 <= counted <= LARGEST_COUNT:
        raise ValueError(f"{name} is no count of at most {LARGEST_COUNT}")
    return counted


def _entries(data: Mapping[str, Any], name: str, kind: Any) -> dict[str, Any]:
    entries: dict[str, Any] = _of(data, name, dict)
    if wrong := [key for key, value in entries.items() if not isinstance(value, kind)]:
        raise ValueError(f"{name}.{wrong[0]} is {type(entries[wrong[0]]).__name__}")
    for key, value in entries.items():
        if not isinstance(value, str):
            _read(float(value) if isinstance(value, bool) else value, f"{name}.{key}")
    return entries


def _read(value: Any, name: str) -> float:
    """A number as `_plain` writes it: strict, so that a word, a list or a boolean is none."""
    if isinstance(value, bool) or not (isinstance(value, (int, float)) or value in ("nan", "inf", "-inf")):
        raise ValueError(f"{name} is {type(value).__name__}, not a number")
    try:
        return float(value)
    except OverflowError:
        raise ValueError(f"{name} is a number of {len(str(value))} digits") from None
