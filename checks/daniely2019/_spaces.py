"""Where the claims of Daniely draw functions, distributions and weights from, and what their simulations need."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from lazy_assay.checks import Between, Draw, OneOf, Tolerance, Values
from lazy_assay.theory import Domain, Neurons
from lazy_assay.theory.daniely2019._approximation import bound_arguments, quadrature_error
from lazy_assay.theory.daniely2019._kernel_space import EPSILON, Embedding, KernelFunction, Scheme

ACTIVATIONS = OneOf(("abs", "relu", "erf", "sin", "tanh", "softplus"))
CORRELATIONS = OneOf((0.3, -0.7, 0.9, 0.6, -0.2, -0.95, 0.1, 0.5))
SEEDS = 100


def seeded(*families: str, first: int = 0) -> OneOf:
    """Families by name, each under a hundred seeds from the first on."""
    return OneOf(tuple(f"{family}:{seed}" for seed in range(first, first + SEEDS) for family in families))


# A function with few centres over a D on few points, concentrated or not: every size is affordable everywhere.
FUNCTIONS: Mapping[str, Draw] = {
    "d": Between(2, 8),
    "q": OneOf((1, 2, 4, 8, 16)),
    "c": Between(1, 3),
    "n": Between(1, 5),
    "centres": seeded("sphere"),
    "coefficients": seeded("gaussian"),
    # Seeds of their own: under one seed and in equal numbers, centres and points of the sphere are the same.
    "points": seeded("sphere", "cube", "few", "single", first=SEEDS),
    "activation": ACTIVATIONS,
}
GIVEN_WEIGHTS: Mapping[str, Draw] = {
    "d": Between(2, 5),
    "N": Between(1, 8),
    "n": Between(2, 6),
    "W": seeded("gaussian"),
    "points": seeded("sphere", "cube", "few"),
    "labels": seeded("gaussian"),
    "activation": ACTIVATIONS,
}


# A claim leaves the number of weights open; a configuration names it N.
NEURONS: Mapping[str, Domain] = {"W": Neurons("d", "N")}


def function(values: Values) -> KernelFunction:
    """f = Σ c_j k(·, z_j) of a configuration."""
    return KernelFunction(Scheme(values["activation"]), values["centres"], values["coefficients"])


def bound_of(values: Values) -> float:
    """C, the bound of a configuration's scheme."""
    return Scheme(values["activation"]).bound


def replicas(values: Values) -> int:
    """Embeddings a trial: the fewer features, the more."""
    return max(8, 64 // int(values["q"]))


def many_replicas(values: Values) -> int:
    """Embeddings a trial where one percent is to be told: sixteen times as many."""
    return 16 * replicas(values)


def embedded(values: Values) -> dict[str, Any]:
    """What simulations of f_ω need: f at the points, and how many embeddings make a trial."""
    return {"target": function(values)(values["points"]), "replicas": replicas(values)}


def supervised(values: Values) -> dict[str, Any]:
    """The same, with labels: those of the configuration, or f itself for the absolute loss, so that f's loss is 0."""
    target, loss = function(values)(values["points"]), values.get("loss", "absolute")
    labels = target if loss == "absolute" else values["labels"]
    return {"target": target, "labels": labels, "loss": loss, "replicas": replicas(values)}


def trained(values: Values) -> dict[str, Any]:
    """The same for SGD: the step size of the bound, ‖f‖/(C√T)."""
    known = bound_arguments(*(values[n] for n in ("centres", "coefficients", "q", "activation", "points")))
    return supervised(values) | {"step_size": known["f_norm"] / (known["C"] * float(np.sqrt(values["steps"])))}


def quadrature(values: Values) -> Tolerance:
    """What the trapezoid rule may leave of an exact mean, and the rounding of its sums."""
    left = quadrature_error(*(values[n] for n in ("centres", "coefficients", "q", "activation", "points")))
    weight = (bound_of(values) ** 2 * float(np.abs(values["coefficients"]).sum())) ** 2
    return Tolerance(
        discretisation=left,
        rounding=64 * EPSILON * values["points"].size * weight,
        sources={
            "discretisation": "change of the trapezoid rule on halving its resolution, computed",
            "rounding": "64 machine epsilons for each number summed, times (C²Σ|c_j|)²",
        },
    )


def embedding_rounding(values: Values) -> float:
    """64 machine epsilons for each entry of Ψ, times the condition of K on its range and the size of the values."""
    Psi = Embedding(Scheme(values["activation"]), values["W"].T)(values["points"])
    singular = np.linalg.svd(Psi, compute_uv=False)
    kept = singular[singular > max(Psi.shape) * 64 * EPSILON * singular.max()]
    condition = float((kept.max() / kept.min()) ** 2) if len(kept) else 1.0
    size = float(np.abs(values["labels"]).sum()) * float(singular.max()) ** 2
    return 64 * EPSILON * Psi.size * condition * max(size, float(singular.max()))


ROUNDING_SOURCE = "64 machine epsilons an entry of Ψ, times the condition number of K on its range, computed"
