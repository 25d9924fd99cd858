"""Parameterisations as objects: what multiplies a layer's weights, and how large the weights are drawn.

A layer of fan-in n computes multiplier(n) · h W with entries of W drawn from N(0, deviation(n)²). Two networks with the
same product of the two have the same function at initialisation; what differs is how far a gradient step moves it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass


def _one(fan_in: int) -> float:
    return 1.0


def _inverse_root(fan_in: int) -> float:
    return 1 / math.sqrt(fan_in)


@dataclass(frozen=True)
class Parameterisation:
    """Multipliers and standard deviations of hidden layers and of the last one, as functions of the fan-in."""

    name: str
    hidden_multiplier: Callable[[int], float] = _one
    last_multiplier: Callable[[int], float] = _one
    hidden_deviation: Callable[[int], float] = _one
    last_deviation: Callable[[int], float] = _one

    def multiplier(self, fan_in: int, last: bool) -> float:
        """What multiplies a layer's weights in the forward pass."""
        return (self.last_multiplier if last else self.hidden_multiplier)(fan_in)

    def deviation(self, fan_in: int, last: bool) -> float:
        """Standard deviation of a layer's initial weights."""
        return (self.last_deviation if last else self.hidden_deviation)(fan_in)


# Fang, Dong, Zhang (2021), Eq. (1): (α/m) Σ_j u_j h(θ_j, x) with standard normal u and θ; α stands on the network.
MEAN_FIELD = Parameterisation("alpha/m", last_multiplier=lambda width: 1 / width)
# Jacot, Gabriel, Hongler (2018): normal weights, every layer divided by the root of its fan-in.
NTK = Parameterisation("ntk", hidden_multiplier=_inverse_root, last_multiplier=_inverse_root)
# What libraries do: no multipliers, weights of variance one over the fan-in.
STANDARD = Parameterisation("standard", hidden_deviation=_inverse_root, last_deviation=_inverse_root)


def scaled(exponent: float) -> Parameterisation:
    """α(m) = m^−exponent before the sum over m neurons (Chizat, Oyallon, Bach 2019; Kearns et al. 2023, Eq. 12)."""
    return Parameterisation(f"m^-{exponent:g}", last_multiplier=lambda width: float(width) ** -exponent)


PARAMETERISATIONS = {item.name: item for item in (MEAN_FIELD, NTK, STANDARD)}


def parameterisation(name: str) -> Parameterisation:
    """By name: `alpha/m`, `ntk`, `standard`, or `m^-0.5` for any exponent. Raises ValueError."""
    if name.startswith("m^-"):
        return scaled(float(name.removeprefix("m^-")))
    if name not in PARAMETERISATIONS:
        raise ValueError(
            f"no parameterisation is called {name!r}; there are {', '.join(PARAMETERISATIONS)}, m^-EXPONENT"
        )
    return PARAMETERISATIONS[name]
