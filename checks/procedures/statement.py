"""The statement in sympy held against `predict` at drawn points: the chain's first link."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp

from lazy_assay.checks.configurations.points import points
from lazy_assay.checks.procedures.evaluation import evaluate
from lazy_assay.checks.procedures.exact import compared, shown
from lazy_assay.checks.vocabulary.check import CHAIN
from lazy_assay.checks.vocabulary.context import Context, Results
from lazy_assay.checks.vocabulary.result import Result, Subject, Verdict, named
from lazy_assay.theory import InvalidParameterError, Part
from lazy_assay.theory._prediction import Formula, arguments

POINTS = 12


def sided(statement: sp.Basic) -> sp.Expr | None:
    """The right-hand side of a relation, of a rate O(x**p) its exponent p; None for a statement that has none."""
    if not isinstance(statement, sp.core.relational.Relational):
        return None
    right = statement.rhs
    order = isinstance(right, sp.Order) or getattr(right, "name", "") == "O"
    return _exponent(right.args[0]) if order else right


def _exponent(of: sp.Expr) -> sp.Expr:
    return sp.S.Zero if of.is_number else of.as_base_exp()[1]


def statement(context: Context, part: Part) -> Results:
    """sympy's statement and `predict` agree at drawn points; so do the printed forms.

    A point at which the one or the other has no value (a kernel matrix that is singular) is told as out of regime, and
    at least one must stay.
    """
    results = [_printed_and_right(context, part, part.statement, part.published, Subject.CLAIM)]
    if part.printed is not None and part.printed_statement is not None:
        results.append(
            _printed_and_right(context, part, part.printed_statement, part.printed, Subject.CLAIM, "the printed forms")
        )
    return [result for group in results for result in group]


def _printed_and_right(
    context: Context, part: Part, stated: sp.Basic | None, formula: Formula | None, subject: Subject, name: str = ""
) -> list[Result]:
    if stated is None or formula is None:
        return []
    expression = sided(stated)
    assert expression is not None
    key = context.key("statement", context.claim.id, part.name)
    # A formula without arguments is one number.
    count = POINTS if arguments(formula) or expression.free_symbols else 1
    drawn = points(part, formula, key=key, count=count)
    results = [_at(context, part, expression, formula, point, subject, name) for point in drawn]
    if all(result.verdict is Verdict.OUT_OF_REGIME for result in results):
        where = f"[{context.claim.id}] the statement of {part.name!r} is confronted at no point"
        raise InvalidParameterError(f"{where}: {results[0].message}")
    return results


def _at(
    context: Context,
    part: Part,
    expression: Any,
    formula: Formula,
    point: Mapping[str, Any],
    subject: Subject,
    name: str,
) -> Result:
    try:
        (value, budget), claimed = evaluate(part, expression, point), float(formula(**point))
    except InvalidParameterError as refused:
        return context.result(
            part,
            check=CHAIN,
            subject=subject,
            configuration={key: shown(it) for key, it in point.items()},
            route="statement in sympy",
            verdict=Verdict.OUT_OF_REGIME,
            message=str(refused),
            **named(subject, name),
        )
    return compared(
        context,
        part,
        check=CHAIN,
        route="statement in sympy",
        configuration=point,
        predicted=claimed,
        estimate=value,
        budget=budget,
        source="first-order error of the statement in its inputs, each known to 64 d machine epsilons, plus as "
        "much for the formula",
        subject=subject,
        name=name,
    )
