"""Results sum up to a status for each part, and the parts to a status for the claim."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from lazy_assay.checks.vocabulary.check import CHAIN, Check, Expected
from lazy_assay.checks.vocabulary.profiles import reaches
from lazy_assay.checks.vocabulary.result import Result, Subject, Verdict
from lazy_assay.theory import Claim, Part
from lazy_assay.theory._status import (
    CONFIRMED,
    LOOSE,
    NOT_REPRODUCED,
    NOT_RUN,
    REFUTED,
    REVERSE,
    SHARP,
    STATUSES,
    UNDECIDED,
    UNDECIDED_HERE,
    VACUOUS,
    WITHIN,
)

WORDS = tuple(status.word for status in STATUSES)
POSITIVE = tuple(status.word for status in STATUSES if status.holds)
# From the news that matters most to the least: a claim of several parts shows the first that occurs.
GRAVITY = tuple(status.word for status in STATUSES if not status.holds)
INCOMPLETE = tuple(status.word for status in STATUSES if status.open)

# What a bound must bear to be called sharp, or within a factor of the data.
TIGHTER, LOOSE_FACTOR = 0.01, 10.0
# From the nearest to the data.
NEARNESS = (SHARP, WITHIN, LOOSE)
UNDECIDED_SHARE = 0.1


@dataclass(frozen=True, kw_only=True)
class PartStatus:
    """One part's status beside what was expected of it."""

    name: str
    kind: str
    status: str
    expected: Expected
    as_printed: str
    reason: str
    ours: bool = False

    @property
    def as_expected(self) -> bool:
        """Whether status, and the fate of the printed formula, are as the check file says."""
        printed = not self.expected.as_printed or self.as_printed == self.expected.as_printed
        return as_told(self.status, self.expected.status) and printed


def as_told(status: str, expected: str) -> bool:
    """Whether a status is the expected one, or that of a bound that is seen to be nearer to the data than expected:
    more draws tell more."""
    if status in NEARNESS and expected in NEARNESS:
        return NEARNESS.index(status) <= NEARNESS.index(expected)
    return status == expected


def default_expectation(part: Part) -> Expected:
    """What is expected where a check file says nothing: that the statement holds."""
    return Expected(
        status=part.holds,
        reason="follows from the paper's own statements",
        date="",
        as_printed=REFUTED if part.printed_statement is not None else "",
    )


def expectation(check: Check, part: Part, profile: str = "") -> Expected:
    """What is expected of a part; in a profile below the one that decides it, that it is undecided here.

    Without a profile, what is expected where the part is decided.
    """
    expected, decides = check.expected.get(part.name) or default_expectation(part), check.decides(part.name)
    if not profile or reaches(profile, decides):
        return expected
    reason = f"decided in profile {decides}, where {expected.status!r} is expected: {expected.reason}"
    return replace(expected, status=UNDECIDED_HERE, reason=reason, as_printed="")


def part_status(
    claim: Claim, part: Part, check: Check, results: Iterable[Result], *, missing: Sequence[str] = ()
) -> PartStatus:
    """The status of one part from all results of a run; `missing` names its items that have none."""
    mine = [result for result in results if result.part == part.name]
    status, reason = _status(part, mine)
    if missing and status not in (REFUTED, NOT_REPRODUCED, REVERSE):
        # What the other items found is no verdict: a statement may agree with itself and not with simulation.
        status, reason = NOT_RUN, f"{missing[0]} did not run"
    printed = [result for result in mine if result.subject is Subject.AS_PRINTED]
    fate = "" if not printed else REFUTED if any(r.verdict is Verdict.DISAGREES for r in printed) else UNDECIDED
    expected = expectation(check, part, mine[0].profile if mine else "")
    return PartStatus(
        name=part.name,
        kind=part.kind,
        status=status,
        expected=expected,
        as_printed=fate,
        reason=reason,
        ours=part.ours,
    )


def _status(part: Part, mine: Sequence[Result]) -> tuple[str, str]:
    claimed = [r for r in mine if r.subject is Subject.CLAIM]
    ran = [r for r in claimed if r.verdict not in (Verdict.NOT_RUN, Verdict.ELSEWHERE, Verdict.OUT_OF_REGIME)]
    left = _left_out(claimed)
    if not ran:
        return left or (VACUOUS, "nothing ran: no configuration met the assumptions")
    refuted = [r for r in ran if r.verdict is Verdict.DISAGREES]
    if refuted:
        return REVERSE if refuted[0].word == REVERSE else part.fails, refuted[0].message
    # What did not run (its data are absent) is never passed, whatever the other checks of the part found.
    return left or _unrefuted(part, mine, ran)


def _left_out(claimed: Sequence[Result]) -> tuple[str, str] | None:
    """The status of a part of which something did not run: for want of data, or because a larger profile runs it."""
    for verdict, word in ((Verdict.NOT_RUN, NOT_RUN), (Verdict.ELSEWHERE, UNDECIDED_HERE)):
        if found := [r for r in claimed if r.verdict is verdict]:
            return word, found[0].message
    return None


def _unrefuted(part: Part, mine: Sequence[Result], ran: Sequence[Result]) -> tuple[str, str]:
    decoys = {r.decoy for r in mine if r.subject is Subject.DECOY}
    alive = sorted(decoys - {r.decoy for r in mine if r.subject is Subject.DECOY and r.verdict is Verdict.DISAGREES})
    if alive:
        return VACUOUS, f"the decoy {alive[0]!r} was not refuted: the check would not notice it"
    silent = sorted({r.route for r in ran} - {r.route for r in ran if r.verdict is Verdict.AGREES})
    if silent:
        return UNDECIDED, f"the route {silent[0]!r} agrees nowhere"
    open_ = [r for r in ran if r.verdict is not Verdict.AGREES]
    if len(open_) > UNDECIDED_SHARE * len(ran):
        return UNDECIDED, f"{len(open_)} of {len(ran)} configurations undecided"
    if part.holds == SHARP:
        return _nearness(part, [r for r in ran if r.verdict is Verdict.AGREES and r.check != CHAIN])
    return part.holds, ""


def _nearness(part: Part, agreeing: Sequence[Result]) -> tuple[str, str]:
    """How near to the data a bound is at the best of its configurations, as their intervals tell."""
    if any(_attained(part, result) for result in agreeing):
        return SHARP, ""
    if any(_close(result) for result in agreeing):
        return WITHIN, f"nowhere would one that is {TIGHTER:.0%} tighter be refuted"
    return LOOSE, f"never within {LOOSE_FACTOR:g}x of the data"


def _attained(part: Part, result: Result) -> bool:
    """Whether the data refute the bound moved by one percent of itself to the side where they may lie."""
    moved, bias = TIGHTER * abs(result.predicted), result.tolerance.bias
    if part.allowed_side == "below":
        return result.interval[0] > result.predicted - moved + bias
    return result.interval[1] < result.predicted + moved - bias


def _close(result: Result) -> bool:
    """Whether a bound is within a factor of the data, or of their interval where the data are near zero."""
    big, small = max(abs(result.predicted), abs(result.estimate)), min(abs(result.predicted), abs(result.estimate))
    return big <= LOOSE_FACTOR * small or big <= result.interval[1] - result.interval[0]


def claim_status(parts: Sequence[PartStatus]) -> str:
    """One word for the claim: what the paper's own sentences got, whatever became of those that are ours."""
    return heading([(part.status, part.ours) for part in parts])


def expected_status(claim: Claim, check: Check) -> str:
    """The status that a claim's parts are expected to sum up to, in a profile that decides them all."""
    return heading([(expectation(check, part).status, part.ours) for part in claim.parts])


def heading(words: Sequence[tuple[str, bool]]) -> str:
    """One word from the statuses of parts, each with whether it is ours and not the paper's: the one that there is, or
    `confirmed` where all hold, else the gravest. Parts of ours count only where there are no others.
    """
    own = [word for word, ours in words if not ours] or [word for word, _ in words]
    return own[0] if len(own) == 1 else next((word for word in GRAVITY if word in own), CONFIRMED)
