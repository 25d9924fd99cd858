"""With probability one: every draw gets a certificate (proved, disproved, no verdict), never a float tolerance."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from lazy_assay.checks.vocabulary.check import Task
from lazy_assay.checks.vocabulary.context import Context, Results
from lazy_assay.checks.vocabulary.result import Scalar, Subject, Verdict
from lazy_assay.theory import Claim, Part


@dataclass(frozen=True, kw_only=True)
class Certificate:
    """What was decided about one draw and why. `quantity` is the certified number, exact up to its last printing.

    A witness that is found by sampling names the method of its confidence bound, and the level of that: a bound of a
    few seeds is no proof. kept: what nights keep of its seeds, where it is the statement that they speak of.
    """

    outcome: Verdict
    reason: str
    quantity: float
    threshold: float
    method: str = "certificate"
    level: float = 0.0
    kept: Mapping[str, float] = field(default_factory=dict)


Case = tuple[Mapping[str, Scalar], Subject, str, Certificate]


@dataclass(frozen=True, kw_only=True)
class Certificates:
    """`cases` yields (configuration, subject, name of the decoy or case, certificate); one result each."""

    cases: Callable[[Context], Iterator[Case]]
    route: str
    part: str = ""
    name: str = "certificates"

    def validate(self, claim: Claim) -> None:
        """Its cases say what they are as they are made."""

    def tasks(self, claim: Claim) -> Sequence[Task]:
        """One task."""
        part = claim.part(self.part)
        return [Task(claim=claim, part=part, name=self.name, run=lambda context: self.run(context, part))]

    def run(self, context: Context, part: Part) -> Results:
        """Certify every case."""
        results, started = [], time.monotonic()
        for configuration, subject, name, certificate in self.cases(context):
            context.guard()
            told = (
                f"[{context.claim.id}] {certificate.reason}"
                if certificate.outcome is Verdict.DISAGREES
                else certificate.reason
            )
            results.append(
                context.result(
                    part,
                    check=self.name,
                    subject=subject,
                    configuration=dict(configuration),
                    route=self.route,
                    verdict=certificate.outcome,
                    predicted=certificate.threshold,
                    estimate=certificate.quantity,
                    interval=(certificate.quantity, certificate.quantity),
                    trials=1,
                    message=told,
                    stage="exact",
                    method=certificate.method,
                    false_alarm=certificate.level,
                    decoy=name if subject is Subject.DECOY else "",
                    case=name if subject is not Subject.DECOY else "",
                    figures=dict(certificate.kept),
                    seconds=time.monotonic() - started,
                )
            )
            started = time.monotonic()
        return results
