"""All results of a run, summed up: statuses against expectations, coverage, errata, and the data of results.json."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lazy_assay.checks.engine.registry import check, tasks
from lazy_assay.checks.vocabulary.check import Check, claim_of
from lazy_assay.checks.vocabulary.profiles import ORDER
from lazy_assay.checks.vocabulary.result import Result, Subject, Verdict, to_json
from lazy_assay.checks.vocabulary.status import INCOMPLETE, PartStatus, claim_status, heading, part_status
from lazy_assay.checks.vocabulary.unfinished import NEVER
from lazy_assay.theory import Claim
from lazy_assay.theory._status import NOT_RUN, UNDECIDED_HERE

# So many claims that were not run whole, or parts that are decided elsewhere, are told one by one.
NAMED = 3


@dataclass(frozen=True, kw_only=True)
class ClaimSummary:
    """One claim's outcome."""

    claim: Claim
    check: Check
    parts: tuple[PartStatus, ...]
    results: tuple[Result, ...]
    missing: tuple[str, ...]

    @property
    def status(self) -> str:
        """One word."""
        return claim_status(self.parts)

    @property
    def expected(self) -> str:
        """The word that was expected, in the run's profile."""
        return heading([(part.expected.status, part.ours) for part in self.parts])

    @property
    def as_expected(self) -> bool:
        """Whether every part is as expected."""
        return all(part.as_expected for part in self.parts)

    @property
    def differs(self) -> bool:
        """Whether a part was decided, and otherwise than expected."""
        return any(part.status not in INCOMPLETE and not part.as_expected for part in self.parts)

    @property
    def incomplete(self) -> bool:
        """Whether a part is undecided or did not run, or an item of the claim is missing."""
        return bool(self.missing) or any(part.status in INCOMPLETE for part in self.parts)

    @property
    def waiting(self) -> bool:
        """Whether nothing but parts that did not run keeps it from what is expected."""
        wrong = [part for part in self.parts if not part.as_expected]
        return bool(wrong) and all(part.status == NOT_RUN for part in wrong)

    @property
    def elsewhere(self) -> tuple[PartStatus, ...]:
        """The parts that this run's profile does not decide."""
        return tuple(part for part in self.parts if part.status == UNDECIDED_HERE)

    def line(self) -> str:
        """`id: status (expected …): why`."""
        wrong = [part for part in self.parts if not part.as_expected]
        why = "; ".join(
            f"{part.name or part.kind}: {part.status}, expected {part.expected.status}. {part.reason}".strip()
            for part in wrong
        )
        return f"{self.claim.id}: {self.status}" + (f" ({why})" if why else "")


@dataclass(frozen=True, kw_only=True)
class Summary:
    """A run's outcome."""

    claims: tuple[ClaimSummary, ...]

    @property
    def as_expected(self) -> bool:
        """Whether every claim is as expected."""
        return all(claim.as_expected for claim in self.claims)

    @property
    def exit_code(self) -> int:
        """1 where a decided status differs from its expectation, 3 where something is undecided or missing, else 0."""
        if any(claim.differs for claim in self.claims):
            return 1
        return 3 if not self.as_expected or any(claim.incomplete for claim in self.claims) else 0

    @property
    def failing(self) -> bool:
        """Whether a status is not as expected though all items that decide it ran; `-k` leaves items out."""
        return any(claim.differs or not (claim.as_expected or claim.missing) for claim in self.claims)

    def lines(self) -> list[str]:
        """What differs, then a count; of many claims that were not run whole, how many they are."""
        good = sum(claim.as_expected for claim in self.claims)
        waiting = [claim for claim in self.claims if claim.waiting]
        folded = waiting if len(waiting) > NAMED else []
        told = [claim.line() for claim in self.claims if not (claim.as_expected or (folded and claim.waiting))]
        told += self._elsewhere()
        if folded:
            first = ", ".join(claim.claim.id for claim in folded[:NAMED])
            told.append(f"{len(folded)} claims were not run whole: {first} and {len(folded) - NAMED} more")
        here = sum(len(claim.elsewhere) for claim in self.claims)
        ran = [part for claim in self.claims for part in claim.parts if part.status != NOT_RUN]
        whole = f", {sum(part.as_expected for part in ran)} of {len(ran)} parts that ran" * bool(waiting)
        return [
            *told,
            f"{good} of {len(self.claims)} claims as expected{whole}" + f", {here} parts undecided here" * bool(here),
        ]

    def _elsewhere(self) -> list[str]:
        """The parts that a larger profile decides; of many, how many each profile does."""
        found = [(claim, part) for claim in self.claims for part in claim.elsewhere]
        if len(found) <= NAMED:
            return [f"{claim.claim.id}:{part.name}: {part.status}, {part.expected.reason}" for claim, part in found]
        counted = Counter(claim.check.decides(part.name) for claim, part in found)
        where = ", ".join(f"{counted[name]} in {name}" for name in ORDER if counted[name])
        return [f"{len(found)} parts are decided in a larger profile, {where}: coverage.html names them"]


def summarise(finished: Mapping[str, Sequence[Result]], selection: Sequence[str] | None = None) -> Summary:
    """Sum up finished items (by task id); `selection` names the claims that were asked for."""
    wanted = selection or list(dict.fromkeys(claim_of(key) for key in finished))
    return Summary(claims=tuple(_claim(id, finished) for id in sorted(wanted)))


def _claim(id: str, finished: Mapping[str, Sequence[Result]]) -> ClaimSummary:
    found = check(id)
    claim = found.claim
    mine = [result for task in tasks(id) for result in finished.get(task.id, ())]
    absent = [task for task in tasks(id) if task.id not in finished]
    missing = {part.name: [task.id for task in absent if task.part.name == part.name] for part in claim.parts}
    parts = tuple(part_status(claim, part, found, mine, missing=missing[part.name]) for part in claim.parts)
    return ClaimSummary(
        claim=claim, check=found, parts=parts, results=tuple(mine), missing=tuple(task.id for task in absent)
    )


def data(
    summary: Summary, run: Mapping[str, Any], failed: Mapping[str, str], previous: Mapping[str, str]
) -> dict[str, Any]:
    """What results.json holds; see checks/report/results.schema.json. `failed` says why items have no result."""
    results = [to_json(result) for claim in summary.claims for result in claim.results]
    planned = [task.id for claim in summary.claims for task in tasks(claim.claim.id)]
    skipped = [{"item": item, "reason": failed.get(item, NEVER)} for claim in summary.claims for item in claim.missing]
    return {
        "run": dict(run),
        "results": results,
        "claims": [_row(claim, previous.get(claim.claim.id)) for claim in summary.claims],
        "errata": [row for claim in summary.claims for row in _errata(claim)],
        "coverage": {
            "planned": len(planned),
            "executed": len(planned) - len(skipped),
            "skipped": skipped,
            "per_claim": {claim.claim.id: _coverage(claim) for claim in summary.claims},
        },
    }


def _row(claim: ClaimSummary, previous: str | None) -> dict[str, Any]:
    decoys = {(r.part, r.decoy): r.verdict for r in claim.results if r.subject is Subject.DECOY}
    expectation = [part.expected for part in claim.parts]
    return {
        "id": claim.claim.id,
        "kind": claim.claim.kind,
        "title": claim.claim.title,
        "source": str(claim.claim.source),
        "status": claim.status,
        "expected": claim.expected,
        "reason": "; ".join(dict.fromkeys(e.reason for e in expectation)),
        "date": max(e.date for e in expectation),
        "as_expected": claim.as_expected,
        "decoys_refuted": sum(verdict is Verdict.DISAGREES for verdict in decoys.values()),
        "decoys": len(decoys),
        "routes": sorted(
            {r.route for r in claim.results if r.subject is Subject.CLAIM and r.verdict is Verdict.AGREES}
        ),
        "previous": previous,
        "parts": [
            {
                "name": part.name,
                "kind": part.kind,
                "status": part.status,
                "expected": part.expected.status,
                "reason": part.reason * (part.status != UNDECIDED_HERE) or part.expected.reason,
                "date": part.expected.date,
                "as_expected": part.as_expected,
                "ours": part.ours,
            }
            for part in claim.parts
        ],
    }


def _errata(claim: ClaimSummary) -> list[dict[str, Any]]:
    fate = {part.name: part.as_printed for part in claim.parts}
    return [
        {
            "claim": claim.claim.id,
            "part": part.name,
            "gravity": str(erratum.gravity),
            "locator": erratum.locator,
            "printed": erratum.printed,
            "reading": erratum.reading,
            "charitable": erratum.charitable,
            "corrected": erratum.corrected,
            "derivation": erratum.derivation,
            "evidence": erratum.evidence,
            "as_printed_verdict": fate[part.name],
        }
        for part, erratum in claim.claim.errata
    ]


def _coverage(claim: ClaimSummary) -> dict[str, Any]:
    mine = [r for r in claim.results if r.subject is Subject.CLAIM]
    # Where something was simulated, the points of the sampling-free chain say nothing of the domain searched.
    mine = [r for r in mine if r.trials] or mine
    numbers: dict[str, list[float]] = {}
    names: dict[str, set[str]] = {}
    for result in mine:
        for name, value in result.configuration.items():
            if isinstance(value, (int, float)) and not isinstance(value, bool):
                numbers.setdefault(name, []).append(value)
            elif "," not in str(value):
                names.setdefault(name, set()).add(str(value).partition(":")[0])
    declared = {name: parameter for part in claim.claim.parts for name, parameter in part.declared.items()}
    return {
        "executed": sum(r.verdict not in (Verdict.OUT_OF_REGIME, Verdict.NOT_RUN, Verdict.ELSEWHERE) for r in mine),
        "out_of_regime": sum(r.verdict is Verdict.OUT_OF_REGIME for r in mine),
        "undecided": sum(r.verdict is Verdict.UNDECIDED for r in mine),
        "ranges": {name: [min(values), max(values)] for name, values in numbers.items()}
        | {name: sorted(found) for name, found in names.items()},
        "domain": {name: parameter.domain.describe() for name, parameter in declared.items()},
    }
