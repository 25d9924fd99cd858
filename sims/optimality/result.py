"""What a certificate of optimality says."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

Array = np.ndarray


@dataclass(frozen=True, kw_only=True)
class OptimalityGap:
    """φ(ρ) − inf φ ≤ gap, for certain; what else stands here is as computed.

    gap: the bound. objective: φ(ρ). floor: a certain lower bound of inf φ. mean: ∫g_q dρ. least: the lower bound of inf
    g_q that went into it. scale: q over L'_1(f, y), 1 for bounded activations. resolved: whether the enclosure came
    within the tolerance; otherwise a larger number of boxes may make the gap smaller. theta (d,), u (k,): the neuron at
    which g_q is least, of those seen; for homogeneous activations a unit direction, and the u that is best for it.
    """

    gap: float
    objective: float
    floor: float
    mean: float
    least: float
    scale: float
    resolved: bool
    theta: Array
    u: Array
