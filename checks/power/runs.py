"""The comparisons of a stored run, as a plan takes them: with what they allow, how they scattered, and their values."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from lazy_assay.checks.engine.order import UsageError
from lazy_assay.checks.engine.perform import rates
from lazy_assay.checks.engine.registry import check, tasks
from lazy_assay.checks.power.bench import CHAIN
from lazy_assay.checks.power.reach import Seen
from lazy_assay.checks.power.stated import expression
from lazy_assay.checks.procedures.pointwise import Pointwise
from lazy_assay.checks.procedures.spread import BLOCK, Spread
from lazy_assay.checks.vocabulary import files
from lazy_assay.checks.vocabulary.check import Route, Values
from lazy_assay.checks.vocabulary.profiles import PROFILES, Profile
from lazy_assay.checks.vocabulary.result import Result, Subject, Verdict, from_json
from lazy_assay.checks.vocabulary.setting import Scope, label
from lazy_assay.theory import Balance, Claim, Part

COMPARED = (Verdict.AGREES, Verdict.DISAGREES, Verdict.UNDECIDED)


@dataclass(frozen=True)
class Run:
    """A stored run of claims: its profile and entropy, and its results of each part, of (claim, part)."""

    profile: Profile
    entropy: int
    results: Mapping[tuple[str, str], Sequence[Result]]

    @property
    def claims(self) -> list[str]:
        """Those that it holds results of, in their order there."""
        return list(dict.fromkeys(id for id, _ in self.results))


def stored(*folders: Path) -> Run:
    """The run in a report folder; of several, a claim as the last of them has it. Raises UsageError for a folder
    without a run, and for runs of several profiles or entropies."""
    runs = [_stored(folder) for folder in folders]
    if len({(run.profile.name, run.entropy) for run in runs}) != 1:
        raise UsageError("--from: runs of several profiles or entropies; take those of one")
    told: dict[tuple[str, str], Sequence[Result]] = {}
    for run in runs:
        told = {key: found for key, found in told.items() if key[0] not in run.claims} | dict(run.results)
    return replace(runs[0], results=told)


def _stored(folder: Path) -> Run:
    try:
        told = files.read_json(folder / "results.json")
        found: dict[tuple[str, str], list[Result]] = defaultdict(list)
        for row in told["results"]:
            found[row["claim"], row["part"]].append(from_json(row))
        return Run(PROFILES[told["run"]["profile"]], int(told["run"]["entropy"]), found)
    except (OSError, ValueError, KeyError, TypeError):
        raise UsageError(f"{folder} holds no run with results; name a report folder") from None


@dataclass(frozen=True)
class Cells:
    """What a run compared of one part; nothing of a formula that was held against a formula.

    results: of all subjects. seen: those that have a plan. Where zero is predicted an error is a share of the first
    wrong version, where that was confronted.
    """

    of: Claim
    part: Part
    results: Sequence[Result]

    @classmethod
    def within(cls, run: Run, of: Claim, part: Part) -> Cells:
        """Those of one part in a run."""
        mine = run.results.get((of.id, part.name), ())
        return cls(of, part, [it for it in mine if it.task.partition("/")[2] not in CHAIN])

    @cached_property
    def seen(self) -> list[Seen]:
        """The comparisons that have a plan."""
        return [it for it in self._all if it.told]

    @cached_property
    def _all(self) -> list[Seen]:
        mine = [it for it in self.results if it.verdict in COMPARED]
        if not mine:
            return []
        at = rates(tasks(self.of.id))
        cells = [Seen(self.part, at, it, per_draw=per_draw(self.of, it)) for it in mine if it.subject is Subject.CLAIM]
        if expression(self.part) == 0 and self.part.decoys:
            wrong = [it for it in mine if it.decoy == self.part.decoys[0].name and it.predicted]
            cells += [Seen(self.part, at, replace(it, predicted=0.0), abs(it.predicted)) for it in wrong]
        return cells

    @cached_property
    def placed(self) -> list[tuple[Seen, Values]]:
        """The comparisons whose configuration's values can be made again; those of a zero, in the quantity's units."""
        known: dict[tuple[str, str, str], Values] = {}
        nothing = [it for it in self._all if it.result.predicted == 0 and math.isnan(it.size)]
        every = [*self.seen, *(told for it in nothing if (told := replace(it, size=1.0, needs={})).told)]
        return [(it, at) for it in every if (at := self._values(it.result, known)) is not None]

    def _values(self, result: Result, known: dict[tuple[str, str, str], Values]) -> Values | None:
        key = (result.check, result.route, label(result.configuration))
        found = next(self._routes(result), None)
        if found is None:
            return None
        procedure, route = found
        if key not in known:
            scope = Scope.of(self.of, self.part, route)
            pointwise = isinstance(procedure, Pointwise)
            setting = procedure.setting if pointwise else lambda scope, configuration: scope.at(configuration)
            known[key] = setting(scope, result.configuration).values
        # What a row measured stands beside.
        names = self.part.measured if isinstance(self.part, Balance) else ()
        return {**known[key], **{name: result.figures[name] for name in names if name in result.figures}}

    def _routes(self, result: Result) -> Iterator[tuple[Any, Route]]:
        for it in check(self.of.id).procedures:
            if getattr(it, "part", None) == self.part.name and getattr(it, "name", "") == result.check:
                routes = getattr(it, "routes", None) or (getattr(it, "route", None),)
                yield from ((it, one) for one in routes if isinstance(one, Route) and one.name == result.route)


def per_draw(of: Claim, result: Result) -> int:
    """How many of a budget's draws make one number that is compared."""
    spreads = (it for it in check(of.id).procedures if isinstance(it, Spread) and it.part == result.part)
    return BLOCK if any(it.name == result.check for it in spreads) else 1
