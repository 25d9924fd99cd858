"""Witnesses of Theorem 5 with explicit constants, in the tangent space: sizes from M and R, and what they reach."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from lazy_assay.checks import Case, Certificate, Context, Route, Scalar, Setting, Subject, Verdict, kept_mean
from lazy_assay.checks.daniely2019._training import interval_of_mean
from lazy_assay.sims.paired import tangent as paired_tangent
from lazy_assay.theory.daniely2019._kernel_space import Scheme
from lazy_assay.theory.daniely2019._largest_eigenvalue import mean_of_square

# |x|: every neuron is active everywhere, and k(x, x) = 1 bounds the squared gradients.
LAZY = {"activation": "abs", "batch": 8}
RETURNED = Route(name="tangent space", simulate=paired_tangent.returned_losses)
# (d, support, m, ε, batch): d, R, M and the batch size in turn, in every run; ε and the ends besides in `full`. On a
# subspace R² is d/support times as large.
GRID = (
    (12, 12, 96, 0.5, 8),
    (24, 24, 96, 0.5, 8),
    (48, 12, 96, 0.5, 8),
    (12, 12, 48, 0.5, 8),
    (12, 12, 96, 0.5, 1),
    (8, 8, 96, 0.5, 8),
    (12, 12, 96, 0.6, 8),
    (12, 12, 96, 0.5, 64),
)
IN_EVERY_RUN = 5
# A share of the steps that no theorem says is enough.
TOO_FEW = 64


def sizes_of_witness(d: int, support: int, m: int, epsilon: float) -> dict[str, float]:
    """M² = E yᵀK⁻¹y = E tr K⁻¹ and R² of m points on a subspace, and the q, T and η' that they ask for."""
    points = np.random.default_rng(0).standard_normal((16, m, support))
    points /= np.linalg.norm(points, axis=-1, keepdims=True)
    M2 = float(np.mean([np.trace(np.linalg.inv(Scheme("abs").kernel(x, x))) for x in points]))
    R2 = d / support * mean_of_square(support, m)
    q, T = math.ceil(M2 * R2 / (16 * d * epsilon**2)), math.ceil(4 * M2 / epsilon**2)
    return {"M": math.sqrt(M2), "R": math.sqrt(R2), "q": q, "steps": T, "rate": 2 * math.sqrt(M2 / T)}


def witnesses(context: Context) -> Iterator[Case]:
    """The returned iterate's loss at the sizes of Theorem 5, with its upper confidence bound."""
    for d, support, m, epsilon, batch in GRID if context.profile.thorough else GRID[:IN_EVERY_RUN]:
        sizes = sizes_of_witness(d, support, m, epsilon)
        sizes["steps"] = context.planted(sizes["steps"], lambda steps: steps // TOO_FEW)
        configuration: dict[str, Scalar] = {"d": d, "support": support, "m": m, **sizes, "batch": batch}
        values = {**configuration, **LAZY, "batch": batch}
        setting = Setting(configuration, values)
        # As many runs as a profile has seeds left the mean's bound at times above ε = ½, with one point a step.
        losses = context.draws(RETURNED, setting, stage="witness", batch=0, trials=4 * context.profile.seeds)
        _, high = interval_of_mean(losses, context.rates.miss)
        yield (
            {**configuration, "epsilon": epsilon},
            Subject.CLAIM,
            "returned loss",
            Certificate(
                outcome=Verdict.AGREES if high <= context.threshold(epsilon) else Verdict.UNDECIDED,
                reason=f"mean returned loss {losses.mean():.4g}, at most {high:.4g} at level {context.rates.miss:g}; "
                f"ε = {epsilon:g}, M = {sizes['M']:.4g}, R = {sizes['R']:.4g}, trivial loss 1",
                quantity=high,
                threshold=epsilon,
                method="t",
                level=context.rates.miss,
                # A hinge loss is never negative.
                kept=kept_mean(losses, 0.0, math.inf, "below"),
            ),
        )
