"""Images of unit root mean square norm for networks in the mean-field scaling, whole, with their pixels in order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from lazy_assay.checks import Clock, Configuration, Contrast, Options, Route, Subject, Values
from lazy_assay.checks.fang2021._data import PARAMETERS
from lazy_assay.sims.particles.generated import AutoEncoder
from lazy_assay.sims.particles.learned import Training
from lazy_assay.theory import Integer

# Networks as in figure 8, and the auto-encoder that is fitted to their neurons.
TRAINING = Training("relu", theta_scale=0.1, lambda_u=0.0, lambda_theta=0.0, step_size=1.0, steps=100)
CODE = AutoEncoder(latent=8, hidden=64, batch=100, steps=300, step_size=3e-3)
PENALTY = 1e-3

# From so many neurons, or networks, on a figure takes the paper's own images.
PAPER_SIZE = 1000


def shown_at(size: int) -> tuple[str, int]:
    """The data set that a figure of a size shows, and its pixels: MNIST-5k at the paper's, digits below."""
    return ("mnist5k", 784) if size >= PAPER_SIZE else ("digits", 64)


def images(values: Values, *, test: int) -> dict[str, Any]:
    """All images and one-hot classes of a configuration's set, its n and m, and points to test on, by argument."""
    data = values["data"]
    scale = np.sqrt(np.square(data.inputs).sum(1).mean())
    return {
        "inputs": data.inputs / scale,
        "targets": np.eye(int(data.classes.max()) + 1)[data.classes],
        "n": int(values["n"]),
        "m": int(values["m"]),
        "test": test,
    }


def learned(name: str, simulate: Callable[..., Any], pair: tuple[int, int], reading: int, **told: Any) -> Route:
    """One reading of two laws of weights, of those that `simulate` has from the same trained networks; told: `test`."""

    def settings(values: Values) -> dict[str, Any]:
        own = {"nets": int(values["nets"]), "training": TRAINING, "code": CODE, "penalty": PENALTY}
        return {**own, **images(values, test=told["test"]), **told}

    return Route(
        name=name,
        simulate=simulate,
        settings=settings,
        reads=lambda draws: np.asarray(draws[:, list(pair), reading]),
        clock=lambda values: Clock(step_size=TRAINING.step_size, steps=TRAINING.steps),
        parameters={**PARAMETERS, "nets": Integer(1)},
    )


def beyond(
    name: str, route: Route, where: Configuration, smallest: float, *, equality: bool = False, claim: bool = False
) -> Contrast:
    """The first law of a route beyond the second, or both alike: a control, unless it is what is claimed."""
    return Contrast(name, (route, where), None, smallest, Subject.CLAIM if claim else Subject.CONTROL, equality)


def flops(options: Options, neurons: float) -> float:
    """Forward and back in both layers, of all pixels and ten classes at 100 points, of so many neurons a seed.

    A search and its confirmation have five times the seeds of the first, each has `TRAINING.steps` steps.
    """
    return options.seeds(10) * 5 * TRAINING.steps * 6 * 100 * (shown_at(options.size)[1] + 10) * neurons
