"""Results of comparisons that sample nothing: a number against a number, within a computed budget."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from lazy_assay.checks.vocabulary.context import Context
from lazy_assay.checks.vocabulary.result import Result, Scalar, Subject, Tolerance, Verdict, named
from lazy_assay.theory import Part


def compared(
    context: Context,
    part: Part,
    *,
    check: str,
    route: str,
    configuration: Mapping[str, Any],
    predicted: float,
    estimate: float,
    budget: float = math.nan,
    source: str = "",
    subject: Subject = Subject.CLAIM,
    name: str = "",
    message: str = "",
    tolerance: Tolerance | None = None,
    side: str = "both",
) -> Result:
    """AGREES where |estimate - predicted| is within the budget, DISAGREES otherwise (never NaN).

    The budget is rounding from `source`, or the named parts of `tolerance`. name: of the decoy, the assumption or the
    case that is compared. side: where the estimate may lie at any distance, "below" or "above" a bound.
    """
    told_apart = tolerance or Tolerance(rounding=budget, sources={"rounding": source})
    off, budget = beyond(side, predicted, estimate), told_apart.bias
    agrees = math.isfinite(off) and off <= budget
    told = (
        ""
        if agrees
        else f"[{context.claim.id}] {route}: {estimate:.12g}, but claimed {predicted:.12g} (off by {off:.2g}; "
        f"{budget:.2g} allowed)"
    )
    return context.result(
        part,
        check=check,
        subject=subject,
        configuration={key: shown(value) for key, value in configuration.items()},
        route=route,
        verdict=Verdict.AGREES if agrees else Verdict.DISAGREES,
        predicted=float(predicted),
        estimate=float(estimate),
        interval=(float(estimate), float(estimate)),
        tolerance=told_apart,
        message=message or told,
        stage="exact",
        method="exact",
        **named(subject, name),
    )


def beyond(side: str, predicted: float, estimate: float) -> float:
    """How far an estimate lies from a prediction, or beyond a bound on its `side`; NaN where there is no number."""
    gap = float(estimate) - float(predicted)
    if side == "both" or math.isnan(gap):
        return abs(gap)
    return max(gap if side == "below" else -gap, 0.0)


def shown(value: Any) -> Scalar:
    """A configuration value as a plain scalar: a diagonal as its numbers, a matrix by its shape and norm.

    These points come back from the entropy alone, so nothing is lost that a replay needs.
    """
    if isinstance(value, np.ndarray) and value.ndim == 1:
        return ",".join(f"{x:.6g}" for x in value)
    if isinstance(value, np.ndarray):
        return f"{value.shape[0]}×{value.shape[1]} matrix of norm {np.linalg.norm(value):.6g}"
    return value.item() if isinstance(value, np.generic) else value  # type: ignore[no-any-return]
