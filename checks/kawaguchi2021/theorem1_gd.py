"""Confronts Theorem 1 (i): gradient descent on the last layer, at every t, with each constant computed exactly."""

from typing import Any

import numpy as np
import scipy

from lazy_assay.checks import Between, Check, Control, Draw, Expected, OneOf, Pointwise, Route, Scalar, Space, Values
from lazy_assay.checks.kawaguchi2021._problems import EPSILON, PARAMETERS, ROUNDING, constants, rounding
from lazy_assay.sims.deep import last_layer
from lazy_assay.theory.kawaguchi2021 import _last_layer as layer
from lazy_assay.theory.kawaguchi2021.theorem1_gd import CLAIM

DESCENT = Route(name="gradient descent", simulate=last_layer.descent_at, parameters=PARAMETERS)
SEEDS, TIMES = Between(0, 999), OneOf((1, 2, 4, 8, 16, 64, 256))
RANDOM: dict[str, Scalar] = {"n": 8, "width": 12, "outputs": 3, "kind": "random", "loss": "squared", "seed": 1}
ENTROPY: dict[str, Scalar] = RANDOM | {"loss": "cross_entropy"}
DRAWS: dict[str, Draw] = {
    "n": Between(2, 12),
    "width": OneOf((14, 20)),
    "outputs": OneOf((2, 3)),
    "kind": OneOf(("random",)),
}
BOTH = DRAWS | {"loss": OneOf(("squared", "cross_entropy")), "seed": SEEDS, "t": TIMES}
SQUARED = DRAWS | {"loss": OneOf(("squared",)), "seed": SEEDS, "t": TIMES}


def flat(t: int, **changes: Scalar) -> dict[str, Scalar]:
    """2t + 1 orthogonal features of one length: the tight constant's own case."""
    return RANDOM | {"n": 2 * t + 1, "width": 2 * t + 4, "kind": "orthogonal", "t": t} | changes


# One point, far on the wrong side of it: cross-entropy is linear as far as descent goes, and the comparator's bound is
# attained.
LINEAR = ENTROPY | {"n": 1, "outputs": 2, "kind": "orthogonal", "seed": 7}


def wrong_side(t: int, length: float, logit: float) -> dict[str, Scalar]:
    """t steps on a feature of `length`, from outputs that `logit` sets whatever the length."""
    return LINEAR | {"t": t, "length": length, "scale": logit / length}


def with_modes(values: Values) -> dict[str, Any]:
    """The constants, and the eigenvalues and gaps of the closed-form curve."""
    known = constants(values)
    eigenvalues, gaps = layer.modes(known["features"], known["targets"], known["start"])
    return known | {"eigenvalues": eigenvalues, "squared_gaps": gaps}


def with_comparator(values: Values) -> dict[str, Any]:
    """The constants, with the sharpest comparator u: for the squared loss exactly, for one-hot targets the best of
    points along a ray and of the one that would be best if the loss were linear.

    No minimum is subtracted: the quantity is the loss itself.
    """
    known, loss = constants(dict(values) | {"labels": "soft"}), str(values["loss"])
    F, t = known["features"], int(values["t"])
    if loss == "squared":
        u = layer.sharpest_comparator(F, known["targets"], known["start"], known["L_H"], t)
    else:
        known["targets"] = np.eye(int(values["outputs"]))[known["targets"].argmax(1)]
        ray = np.linalg.pinv(F) @ known["targets"]
        rays = [known["start"] + c * ray for c in np.linspace(0, 20, 81)]
        u = min((*rays, ahead(known, t)), key=lambda w: _against(known, w, loss, t))
    L_u = layer.mean_loss(F, known["targets"], u, loss)
    return known | {"minimum": 0.0, "L_u": L_u, "D": float(np.linalg.norm(u - known["start"]))}


def ahead(known: dict[str, Any], t: int) -> np.ndarray:
    """w^τ − 2t∇L/L_H of cross-entropy: twice as far as descent goes where the gradient stays the same."""
    F, start = known["features"], known["start"]
    gradient = F.T @ (scipy.special.softmax(F @ start, axis=1) - known["targets"]) / len(F)
    return np.asarray(start - 2 * t / known["L_H"] * gradient)


def _against(known: dict[str, Any], w: np.ndarray, loss: str, t: int) -> float:
    """The bound that u gives."""
    there = layer.mean_loss(known["features"], known["targets"], w, loss)
    return float(there + known["L_H"] * np.square(w - known["start"]).sum() / (4 * t))


def logits(values: Values) -> dict[str, Any]:
    """Outputs whose Hessian is taken: two of them apart from the rest, or random."""
    rng = np.random.default_rng([int(values["seed"]), int(values["outputs"])])
    q = float(values["scale"]) * rng.standard_normal(int(values["outputs"]))
    return {"outputs": np.array([0.0, 0.0, *([-60.0] * (len(q) - 2))]) if values["scale"] == 0 else q}


CHECK = Check(
    claim=CLAIM,
    procedures=(
        Pointwise(
            part="bound",
            space=Space(
                draws=BOTH,
                anchors=(
                    *(RANDOM | {"t": t} for t in (1, 8, 64)),
                    *(ENTROPY | {"t": t} for t in (1, 8, 64)),
                    *(flat(t, scale=scale) for t in (1, 2, 8) for scale in (1.0, 100.0)),
                    # 2e times below it, as near as it gets, at a t that tells its power; in other units, L_H ≪ 1 ≪ R,
                    # R ≪ 1 ≪ L_H.
                    flat(64),
                    flat(8, length=0.001),
                    flat(8, length=10.0, size=0.001, scale=0.001),
                ),
            ),
            route=DESCENT,
            rounding=rounding,
            source=ROUNDING,
            constants=constants,
            controls=(
                Control(assumption="L_ℓ", configuration=RANDOM | {"kind": "alike", "L_ell": 1.0, "t": 4}),
                Control(
                    assumption="L_ℓ",
                    configuration=ENTROPY | {"kind": "alike", "outputs": 2, "L_ell": 0.1, "t": 16, "seed": 3},
                ),
            ),
        ),
        Pointwise(
            part="tight",
            space=Space(
                draws=SQUARED,
                anchors=(
                    *(flat(t) for t in (1, 2, 4, 8, 16)),
                    # In other units: L_H < 1 < R, R < 1 < L_H.
                    flat(2, length=0.05),
                    flat(2, length=3.0, size=0.05, scale=0.05),
                ),
            ),
            route=DESCENT,
            rounding=rounding,
            source=ROUNDING,
            constants=constants,
        ),
        Pointwise(
            part="curve",
            space=Space(draws=SQUARED, anchors=(RANDOM | {"t": 1}, RANDOM | {"t": 64}, flat(4))),
            route=DESCENT,
            rounding=rounding,
            source=ROUNDING,
            constants=with_modes,
        ),
        Pointwise(
            part="comparator",
            space=Space(
                draws=BOTH,
                anchors=(
                    *(RANDOM | {"t": t} for t in (1, 16, 256)),
                    ENTROPY | {"t": 16},
                    wrong_side(1, 1.0, 20.0),
                    wrong_side(1, 1.0, 6.0),
                    wrong_side(2, 0.1, 20.0),
                    wrong_side(4, 10.0, 20.0),
                    # More points than weights: what is left is the minimum, of which both sides are made.
                    *(RANDOM | {"n": 40, "width": 3, "t": t} for t in (256, 4000)),
                    RANDOM | {"n": 40, "width": 3, "t": 4000, "size": 0.01, "scale": 0.01},
                ),
            ),
            route=DESCENT,
            rounding=rounding,
            source=ROUNDING,
            constants=with_comparator,
        ),
        Pointwise(
            part="hessian",
            space=Space(
                draws={"outputs": Between(2, 10), "scale": OneOf((0.5, 2.0, 8.0)), "seed": SEEDS},
                anchors=({"outputs": 2, "scale": 0, "seed": 0}, {"outputs": 5, "scale": 0, "seed": 0}),
            ),
            route=Route(name="largest eigenvalue", simulate=last_layer.hessian_norm_at, parameters=PARAMETERS),
            rounding=lambda values: 64 * EPSILON * len(values["outputs"]),
            source="64 K machine epsilons of a matrix of norm at most 1",
            constants=logits,
        ),
    ),
    expected={
        "bound": Expected(
            status="holds, within 10×", reason="within 10x where 2t+1 features are orthogonal", date="2026-11-26"
        ),
        "tight": Expected(status="holds, sharp", reason="attained by 2t+1 orthogonal features", date="2026-11-26"),
        "curve": Expected(status="confirmed", reason="descent on a quadratic", date="2026-11-26"),
        "comparator": Expected(status="holds, sharp", reason="equality where the loss is linear", date="2026-11-29"),
        "hessian": Expected(status="holds, sharp", reason="equality at p = (1/2, 1/2)", date="2026-11-26"),
    },
)
