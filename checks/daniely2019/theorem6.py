"""Confronts Theorem 6: kernel norms of monomials degree by degree, the constant's, and a witness that SGD learns."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from lazy_assay.checks import (
    Case,
    Certificate,
    Certificates,
    Check,
    Configuration,
    Context,
    Expected,
    Fine,
    Means,
    OneOf,
    Resolution,
    Route,
    Scalar,
    Setting,
    Space,
    Subject,
    Sweep,
    Tolerance,
    Verdict,
    kept_mean,
)
from lazy_assay.checks.daniely2019._kernel_interpolation import constant_norms, power_norms
from lazy_assay.checks.daniely2019._training import interval_of_mean
from lazy_assay.sims.paired import network
from lazy_assay.theory import Integer
from lazy_assay.theory.daniely2019.theorem6 import CLAIM

# On the sphere in d = 3 their interpolant's norm falls short of x₁²'s by 0.25 % ± 0.06 %; that of 60 by 0.9 % ± 0.4 %.
POINTS = 140
# Gram matrices have condition numbers of some 1e4, in inverse proportion to the least distance of two points; 64 n ε
# cond bounds what a solution is off by.
CONDITION = 1e7
ROUNDED = Tolerance(
    rounding=64 * POINTS * float(np.finfo(float).eps) * CONDITION,
    sources={
        "rounding": "64 n machine epsilons times a condition number of 1e7, beyond which one draw in a million is"
    },
)
INTERPOLATION = Route(
    name="interpolation",
    simulate=power_norms,
    settings=lambda values: {"n": POINTS},
    allowance=lambda values: ROUNDED,
    trials=lambda values: 256,
)
DIMENSIONS = (4, 6, 8, 12, 16, 24)
CONSTANT = Route(
    name="interpolation of the constant",
    simulate=constant_norms,
    settings=lambda values: {
        "dimensions": np.array(DIMENSIONS, dtype=float), "points_a_dimension": values["points a dimension"],
    },
    parameters={"points a dimension": Integer(1)},
)  # fmt: skip
# The witness: quadratic·d x₂x₃, of kernel norm at most M = d quadratic √π; ε is a share of the trivial loss E|f|.
WITNESSES = ((0.3, 0.6), (0.6, 0.5), (0.3, 0.4), (0.6, 0.3))
# A share of the steps that no theorem says is enough.
TOO_FEW = 64
LEARNING = Route(name="Algorithm 1", simulate=network.population_errors)


def witnesses(context: Context) -> Iterator[Case]:
    """Growing M and falling ε: q and T from both, the loss on held-out points, and its upper confidence bound."""
    d = 4
    for quadratic, share in WITNESSES if context.profile.thorough else WITNESSES[:2]:
        M = d * quadratic * math.sqrt(math.pi)
        # d E|x₂x₃| = 2/π on the sphere: that of two Gaussians over E‖g‖² = d, which is independent of the direction.
        trivial = quadratic * 2 / math.pi
        epsilon = share * trivial
        q = math.ceil(M**2 / (d * epsilon**2))
        T = context.planted(math.ceil(2 * M**2 / epsilon**2), lambda steps: steps // TOO_FEW)
        values = {
            "d": d,
            "widths": np.array([q]),
            "steps": np.array([T]),
            "rates": np.array([M * math.sqrt(2 / T)]),
            "B": 100.0,
            "activation": "relu",
            "batch": 1,
            "linear": 0.0,
            "quadratic": quadratic,
            "samples": 128,
        }
        configuration: dict[str, Scalar] = {"d": d, "M": M, "epsilon": epsilon, "q": q, "steps": T}
        losses = context.draws(LEARNING, Setting(configuration, values), stage="witness", batch=0, trials=12)[:, 0]
        _, high = interval_of_mean(losses, context.rates.miss)
        reached = high <= context.threshold(epsilon)
        yield (
            configuration,
            Subject.CLAIM,
            "held-out loss",
            Certificate(
                outcome=Verdict.AGREES if reached else Verdict.UNDECIDED,
                reason=f"mean held-out loss {losses.mean():.4g}, at most {high:.4g} at level {context.rates.miss:g}; "
                f"ε = {epsilon:.4g}, trivial loss {trivial:.4g}, M = {M:.4g}",
                quantity=high,
                threshold=epsilon,
                method="t",
                level=context.rates.miss,
                # An absolute error is never negative.
                kept=kept_mean(losses, 0.0, math.inf, "below"),
            ),
        )


def at(d: int, half_degree: int) -> Configuration:
    return {"d": d, "half_degree": half_degree}


DATE = "2026-11-26"
CHECK = Check(
    claim=CLAIM,
    procedures=(
        Means(
            part="monomials",
            name="norm from below",
            space=Space(
                draws={"d": OneOf((3, 4, 5, 6, 8, 12)), "half_degree": OneOf((1, 2, 3))},
                anchors=(at(3, 1), at(3, 2), at(3, 3), at(4, 2)),
            ),
            routes=(INTERPOLATION,),
            resolution=Resolution(relative=0.002),
            fine=Fine(anchors=(at(3, 1),), resolution=Resolution(relative=0.0005)),
        ),
        Sweep(
            part="constant",
            route=CONSTANT,
            sizes=tuple(float(d) for d in DIMENSIONS),
            configurations=({"points a dimension": 12},),
            resolution=0.01,
        ),
        Certificates(part="learning", cases=witnesses, route="Algorithm 1", name="witness"),
    ),
    expected={
        "monomials": Expected(status="holds, sharp", reason="power series of the kernel", date=DATE),
        "constant": Expected(
            status="confirmed", reason="the kernel has no constant term", date=DATE, as_printed="refuted"
        ),
        "learning": Expected(status="confirmed", reason="Theorem 5 at an even polynomial", date=DATE),
    },
)
