"""Noisy gradient descent on particles, with its temperature kept in the books.

    w_j ← w_j − s D_j + N(0, v I),        D_j = ∇g(ρ, w_j), or ∂φ/∂w_j = ∇g(ρ, w_j)/m.

A step along ∇g moves by η = s, one along the gradient of φ in the parameters by η = s/m; noise of temperature λ_p is
N(0, 2λ_pη) in either case. What is printed, N(0, 2λ_p s) "to each GD update step with learning rate" s, has temperature
λ_p on g and mλ_p on φ: `NoisyStep.printed` refuses the latter, and `NoisyStep.printed_on_parameters` is the name by
which it can be had. A step knows what it descends, and takes no gradient of anything else. Fang, Dong, Zhang 2021,
section V, the equation after (23) and the paragraph below it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.dynamics.descent import every_trial
from lazy_assay.sims.particles.flow import WAYS
from lazy_assay.sims.particles.measure import Measure
from lazy_assay.sims.particles.objective import Gradient, Objective, Of

if TYPE_CHECKING:
    Watch = Callable[[Measure], None]

# Masses are 1/m up to so much of themselves.
EQUAL = 1e-9


@dataclass(frozen=True)
class NoisyStep:
    """A step of noisy descent: what it descends, its size, the variance of the noise of a coordinate, its width m.

    width: number of particles, which the temperature of a step on φ depends on; a step on g takes any measure. Made by
    `particles`, `parameters`, `printed`, or, m times too hot, by `printed_on_parameters`. Raises ValueError.
    """

    of: Of
    step_size: float
    variance: float
    width: int

    def __post_init__(self) -> None:
        if not (self.step_size > 0 and self.variance >= 0 and self.width >= 1):
            raise ValueError(
                f"a noisy step needs a positive size, a variance ≥ 0 and particles, got {self.step_size}, "
                f"{self.variance}, {self.width}"
            )

    @classmethod
    def particles(cls, step_size: float, temperature: float) -> NoisyStep:
        """A step along ∇g of (18) with N(0, 2·temperature·step_size)."""
        return cls(Of.PARTICLE, step_size, 2 * temperature * step_size, 1)

    @classmethod
    def parameters(cls, step_size: float, temperature: float, width: int) -> NoisyStep:
        """A step along ∂φ/∂w of (2) on m = width neurons with N(0, 2·temperature·step_size/m)."""
        return cls(Of.PARAMETERS, step_size, 2 * temperature * step_size / width, width)

    @classmethod
    def printed(cls, step_size: float, lambda_p: float, *, of: Of, width: int) -> NoisyStep:
        """N(0, 2λ_p·step_size) as printed, where that has temperature λ_p: on g. Raises ValueError on φ of m > 1."""
        if of is Of.PARAMETERS and width > 1:
            raise ValueError(
                f"N(0, 2λ_pη) on steps along ∂φ/∂w runs at temperature mλ_p = {width * lambda_p:g}, not {lambda_p:g}; "
                "NoisyStep.parameters runs at λ_p, NoisyStep.printed_on_parameters asks for the hot one by name"
            )
        return cls(of, step_size, 2 * lambda_p * step_size, width)

    @classmethod
    def printed_on_parameters(cls, step_size: float, lambda_p: float, width: int) -> NoisyStep:
        """N(0, 2λ_p·step_size) on steps along ∂φ/∂w: m times too hot, and asked for by name."""
        return cls(Of.PARAMETERS, step_size, 2 * lambda_p * step_size, width)

    @property
    def moved_time(self) -> float:
        """η: how far a step moves along (20)."""
        return self.step_size / self.width if self.of is Of.PARAMETERS else self.step_size

    @property
    def temperature(self) -> float:
        """λ_p of the law that the step leaves alone as η → 0: its variance over 2η."""
        return self.variance / (2 * self.moved_time)

    def gradient(self, phi: Objective, rho: Measure) -> Gradient:
        """The gradient that the step wants."""
        return WAYS[self.of](phi, rho)

    def moved(self, rho: Measure, gradient: Gradient, stream: Stream, hold: frozenset[str] = frozenset()) -> Measure:
        """The measure after one step; `hold` names what stays, `theta` or `u`. Raises ValueError."""
        if gradient.of is not self.of:
            raise ValueError(f"a step of size {self.step_size:g} on {self.of} was given a gradient of {gradient.of}")
        if self.of is Of.PARAMETERS and rho.width != self.width:
            raise ValueError(f"a step whose noise is meant for {self.width} neurons was given {rho.width}")
        scale, moved = math.sqrt(self.variance), {}
        for name in ("theta", "u"):
            now, slope = getattr(rho, name), getattr(gradient, name)
            noise = scale * stream.normal(*now.shape) if self.variance and name not in hold else 0.0
            moved[name] = now if name in hold else now - self.step_size * slope + noise
        return rho.at(moved["theta"], moved["u"])


def noisy_descent(
    phi: Objective,
    rho: Measure,
    step: NoisyStep,
    steps: int,
    stream: Stream,
    *,
    hold: frozenset[str] = frozenset(),
    watch: Watch | None = None,
    after: int = 0,
    every: int = 1,
) -> Measure:
    """The measure after `steps` steps; `watch` sees it after `after` of them, and after every `every` from then on.

    Raises ValueError for a step on φ where masses differ: each particle would have a temperature of its own.
    """
    even = every_trial((rho.masses * rho.width - 1).abs() <= EQUAL) or rho.masses.device.type not in ("cpu", "cuda")
    if step.of is Of.PARAMETERS and not even:
        raise ValueError("noise on steps along ∂φ/∂w has one temperature where all masses are equal; step along g")
    for k in range(1, steps + 1):
        rho = step.moved(rho, step.gradient(phi, rho), stream, hold)
        if watch is not None and k >= after and (k - after) % every == 0:
            watch(rho)
    return rho
