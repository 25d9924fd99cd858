"""What is decided about a module: the decision, and for each operator that bears on it what, where and why."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Decision(StrEnum):
    """The values are the words shown."""

    ANALYTIC = "certified analytic"
    ANALYTIC_ON_DOMAIN = "certified analytic, on a domain that is shown to hold"
    NOT_AS_COMPUTED = "analytic as a formula, not as torch computes it"
    NOT_CERTIFIED = "not certified"
    NO_VERDICT = "no verdict"


# From what hinders most to what hinders least: the whole is what its worst operator is.
_GRAVITY = (Decision.NOT_CERTIFIED, Decision.NOT_AS_COMPUTED, Decision.ANALYTIC_ON_DOMAIN)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One operator that is not analytic for every argument.

    operator: its name, as `aten::relu`. module: path of the module that calls it, and its class. source: file, line
    and code. decision: what it makes of the whole. reason: a sentence.
    """

    operator: str
    module: str
    source: str
    decision: Decision
    reason: str

    def __str__(self) -> str:
        return f"{self.operator} in {self.module or 'the module itself'} at {self.source}: {self.reason}"


@dataclass(frozen=True, kw_only=True)
class Analyticity:
    """The answer. `offending` are the findings that stand in the way; `shown` the domains that were shown to hold."""

    decision: Decision
    reason: str
    findings: tuple[Finding, ...] = ()
    operators: int = 0

    @property
    def certified(self) -> bool:
        """Whether the output is proved to be analytic in the parameters."""
        return self.decision in (Decision.ANALYTIC, Decision.ANALYTIC_ON_DOMAIN)

    @property
    def offending(self) -> tuple[Finding, ...]:
        """The operators that stand in the way."""
        return tuple(f for f in self.findings if f.decision is not Decision.ANALYTIC_ON_DOMAIN)

    @property
    def shown(self) -> tuple[Finding, ...]:
        """The operators that are analytic on a domain, with the evidence that it holds."""
        return tuple(f for f in self.findings if f.decision is Decision.ANALYTIC_ON_DOMAIN)

    def __str__(self) -> str:
        lines = [f"{self.decision.value}: {self.reason}", *(f"  {finding}" for finding in self.findings)]
        return "\n".join(lines)


def summed_up(findings: tuple[Finding, ...], operators: int) -> Analyticity:
    """The decision that the findings about `operators` operators come to."""
    decisions = {finding.decision for finding in findings}
    worst = next((decision for decision in _GRAVITY if decision in decisions), Decision.ANALYTIC)
    if worst is Decision.ANALYTIC:
        reason = f"every one of {operators} operators is analytic"
    elif worst is Decision.ANALYTIC_ON_DOMAIN:
        reason = f"{len(findings)} of {operators} operators have a domain, which the graph itself shows to hold"
    else:
        first = next(finding for finding in findings if finding.decision is worst)
        count = sum(finding.decision is worst for finding in findings)
        reason = f"{first.operator}: {first.reason}" + (f" (and {count - 1} more)" if count > 1 else "")
    return Analyticity(decision=worst, reason=reason, findings=findings, operators=operators)


def undecided(reason: str) -> Analyticity:
    """No verdict, and why."""
    return Analyticity(decision=Decision.NO_VERDICT, reason=reason)
