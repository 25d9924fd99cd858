"""An identity is derived again in sympy and compared with what is stated and with what is printed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sympy as sp

from lazy_assay.checks.configurations.points import points
from lazy_assay.checks.procedures.evaluation import evaluate
from lazy_assay.checks.procedures.exact import compared
from lazy_assay.checks.procedures.pointwise import predicted
from lazy_assay.checks.procedures.statement import sided
from lazy_assay.checks.vocabulary.check import Task
from lazy_assay.checks.vocabulary.context import Context, Results
from lazy_assay.checks.vocabulary.result import Result, Subject
from lazy_assay.theory import Claim, Identity, Part


@dataclass(frozen=True, kw_only=True)
class Derivation:
    """The routine check of an `Identity` that carries a derivation."""

    part: str

    def tasks(self, claim: Claim) -> Sequence[Task]:
        """One task, where the part has a derivation."""
        part = claim.part(self.part)
        if not isinstance(part, Identity) or part.derivation is None:
            return []
        return [Task.algebra(claim, part, "derivation", lambda context: derivation(context, part))]


def derivation(context: Context, part: Part) -> Results:
    """The derived expression equals the stated one, as expressions and at drawn points; decoys do not.

    What is being tried is a number, and told at points alone: expressions that differ at one are not the same.
    """
    assert isinstance(part, Identity)
    assert part.derivation is not None
    derived = context.remembered("derived", part.derivation)
    if context.distortion is not None:
        return _numerical(context, part, derived)
    stated = sided(part.statement) if part.statement is not None else None
    residual = sp.simplify(derived - stated)
    results = [_symbolic(context, part, residual, Subject.CLAIM, "")]
    if part.printed_statement is not None:
        printed = sp.simplify(derived - sided(part.printed_statement))
        results.append(_symbolic(context, part, printed, Subject.AS_PRINTED, "as printed"))
    return results + _numerical(context, part, derived) + _decoys(context, part, derived)


def _symbolic(context: Context, part: Part, residual: sp.Expr, subject: Subject, name: str) -> Result:
    return compared(
        context,
        part,
        check="derivation",
        route="sympy",
        configuration={"residual": str(residual)},
        predicted=0.0,
        estimate=0.0 if residual == 0 else 1.0,
        budget=0.0,
        source="none: an expression is zero or it is not",
        subject=subject,
        name=name,
        message="" if residual == 0 else f"[{context.claim.id}] derived minus stated is {residual}",
    )


def _numerical(context: Context, part: Part, derived: sp.Expr) -> Results:
    if part.published is None:
        return []
    results = []
    formula, key = part.published, context.key("identity", context.claim.id, part.name)
    drawn = context.remembered("points", lambda: points(part, formula, key=key, count=12))
    known = context.remembered("values", lambda: [evaluate(part, derived, point) for point in drawn])
    for point, (value, budget) in zip(drawn, known, strict=True):
        claimed = context.predicted(float(formula(**point)), point)
        results.append(
            compared(
                context,
                part,
                check="derivation",
                route="numbers",
                configuration=point,
                predicted=claimed,
                estimate=value,
                budget=budget,
                source="first-order error of the derived form in its inputs",
            )
        )
    return results


def _decoys(context: Context, part: Part, derived: sp.Expr) -> Results:
    """Each decoy is compared with the derived value at the point where it is furthest from it."""
    results = []
    for decoy in part.decoys:
        key = context.key("identity", context.claim.id, part.name)
        drawn = points(part, part.published or decoy.published, decoy.published, key=key, count=12)
        compare = [(point, predicted(decoy.published, point), *evaluate(part, derived, point)) for point in drawn]
        point, wrong, value, budget = max(compare, key=lambda row: abs(row[2] - row[1]))
        results.append(
            compared(
                context,
                part,
                check="derivation",
                route="numbers",
                configuration=point,
                predicted=wrong,
                estimate=value,
                budget=budget,
                source="first-order error of the derived form in its inputs",
                subject=Subject.DECOY,
                name=decoy.name,
            )
        )
    return results
