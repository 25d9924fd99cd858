"""Calibrates what the predicted variances over draws of the weights are off by: the allowances of the parts
`concentration`.

    python benchmarks/calibrate_spread.py

For configurations and streams of its own (target spectra `quantiles`, `repeating levels` and multiples of the identity,
entropy 7), prints d times the error of Var R as `predict_finite` has it, relative to it, beside its standard error and
what `finite_allowance` states: no cell is beyond it by more than its noise. Then n² times what 2V(2n) − V(n) is off by
from the limit (`LEFT` in the checks), where the weights are flat on n directions and λ₁ ≠ 0. Some minutes on one core.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from lazy_assay import theory
from lazy_assay.checks.procedures.extrapolated import limit
from lazy_assay.checks.vocabulary.setting import Scope
from lazy_assay.sims.mixtures import neural_tangent
from lazy_assay.sims.mixtures import random_features as mixture_random_features
from lazy_assay.sims.quadratic import random_features
from lazy_assay.theory._prediction import arguments
from lazy_assay.theory.ghorbani2019._mixture import CLASSES

ENTROPY, TRIALS = 7, 2000
# Where what is left of a prediction is of the order 1/d², more draws tell it.
MANY = 40_000
FLAT, EQUAL = ("isotropic", "half"), ("equal levels:2.0",)
RATIOS = (0.25, 0.5, 1.0, 2.0)


def cells() -> Iterator[tuple[str, Any, Mapping[str, Any]]]:
    """(claim, simulation, configuration)."""
    for d in (25, 50, 100):
        for N in (round(ratio * d) for ratio in RATIOS):
            for Gamma in ("isotropic", "linear"):
                for activation in ("quadratic", "relu", "abs", "hermite2_3", "softplus"):
                    told = {"d": d, "N": N, "B": "quantiles", "Gamma": Gamma, "activation": activation}
                    yield "theorem1", random_features.population_risk, told
            halves = {"d": 2 * d, "N": N, "B": "quantiles", "Gamma": "half", "activation": "quadratic"}
            yield "theorem1", random_features.population_risk, halves
            for activation in ("quadratic", "relu", "abs"):
                told = {"d": d, "N": N, "Sigma": "unit", "Delta": "repeating levels", "Gamma": "isotropic"}
                yield "theorem4", mixture_random_features.population_risk, told | {"activation": activation}
    for d in (25, 40):
        for N in (round(ratio * d) for ratio in RATIOS):
            told = {"d": d, "N": N, "Gamma": "isotropic", "activation": "quadratic"}
            yield "theorem1", random_features.population_risk, told | {"B": "identity"}
            told |= {"Sigma": "unit", "Delta": "equal levels:2.0"}
            yield "theorem4", mixture_random_features.population_risk, told
    for d in (16, 24, 32):
        for N in (round(ratio * d) for ratio in (0.25, 0.5, 0.75)):
            told = {"d": d, "N": N, "Sigma": "unit", "Delta": "repeating levels"}
            yield "theorem5", neural_tangent.population_risk, told


def two_sizes() -> Iterator[tuple[str, Any, Mapping[str, Any]]]:
    """(claim, simulation, configuration) of extrapolated variances."""
    for d in (16, 24):
        told = {"d": d, "N": d, "Gamma": "isotropic", "activation": "relu"}
        yield "theorem1", random_features.population_risk_and_doubled, told | {"B": "identity"}
        for level in (1.0, 2.0, 2.5):
            classes = {"Sigma": "unit", "Delta": f"equal levels:{level}"}
            yield "theorem4", mixture_random_features.population_risk_and_doubled, told | classes


def left(id: str, simulate: Any, configuration: Mapping[str, Any]) -> tuple[float, float]:
    """What the variances at two sizes leave of the limit, as a share of it, and its standard error."""
    part = theory.claim(id).part("concentration")
    values = Scope.over(id, part, CLASSES if "Sigma" in configuration else {}).at(configuration).values
    draws = simulate(**values, trials=MANY, entropy=ENTROPY).numpy()
    here, there = values["d"] * draws.var(axis=0, ddof=1) * (1, 2) / limit(part, values)
    return 2 * there - here - 1, float(np.hypot(2 * there, here) * np.sqrt(2 / MANY))


def off(id: str, simulate: Any, configuration: Mapping[str, Any]) -> tuple[float, float, float]:
    """The error of the predicted variance, its standard error for draws that are about normal, and what is stated.

    All relative to it.
    """
    part = theory.claim(f"ghorbani2019.{id}").part("concentration")
    values = Scope.over(id, part, CLASSES if "Sigma" in configuration else {}).at(configuration).values
    assert part.finite is not None
    assert part.finite_allowance is not None
    at = {name: values[name] for name in arguments(part.finite)}
    predicted, stated = part.finite(**at), part.finite_allowance(**at)
    flat = configuration.get("Gamma") in FLAT and configuration["activation"] == "quadratic"
    many = id == "theorem5" or (flat and (id == "theorem1" or configuration["Delta"] in EQUAL))
    trials = MANY if many else TRIALS
    draws = simulate(**values, trials=trials, entropy=ENTROPY).numpy()
    measured = values["d"] ** (2 if id == "theorem5" else 1) * draws.var(ddof=1)
    deviation = measured / predicted * np.sqrt(2 / trials)
    return float(1 - measured / predicted), float(deviation), float(stated / predicted)


def main() -> None:
    """Print every cell."""
    for id, simulate, configuration in cells():
        error, deviation, stated = off(id, simulate, configuration)
        d = configuration["d"]
        told = ", ".join(f"{name}={value}" for name, value in configuration.items())
        print(f"{id:9} {told}: {d * error:+.1f} ± {d * deviation:.1f}, allowed {d * stated:.1f}", flush=True)
    for id, simulate, configuration in two_sizes():
        error, deviation = left(id, simulate, configuration)
        n2 = configuration["d"] ** 2
        told = ", ".join(f"{name}={value}" for name, value in configuration.items())
        print(f"{id:9} {told}, two sizes: n² times {n2 * error:+.1f} ± {n2 * deviation:.1f}", flush=True)


if __name__ == "__main__":
    main()
