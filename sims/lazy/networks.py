"""Two-layer networks c Σ_j u_j σ(<w_j, x>), c = N^(−1/2), as functions of their parameters; starts of zero output."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.numerics.activations import value

if TYPE_CHECKING:
    from torch import Tensor

    Parameters = tuple[Tensor, ...]
    Model = Callable[[Parameters], Tensor]

INITIALISATIONS = ("centred", "paired", "independent")


def finite(name: str, values: ArrayLike) -> np.ndarray:
    """The values as an array. Raises ValueError, in one line, for NaN or infinity."""
    array = np.asarray(values, dtype=np.float64)
    if not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite in every entry; {int((~np.isfinite(array)).sum())} are not")
    return array


def paired(W: Tensor, u: Tensor) -> Parameters:
    """Every neuron twice, with opposite output weights: W (trials, d, N) and u (trials, N) to 2N neurons."""
    return torch.cat([W, W], dim=-1), torch.cat([u, -u], dim=-1)


def network(x: Tensor, N: int, activation: str) -> Model:
    """Outputs (trials, n) at points x, (n, d) or (trials, n, d); N sets the scale c, whatever the number of neurons."""
    sigma, c = value(activation), 1 / math.sqrt(N)

    def model(parameters: Parameters) -> Tensor:
        W, u = parameters
        return c * (sigma(x @ W) @ u[..., None])[..., 0]

    return model


def started(W: Tensor, u: Tensor, x: Tensor, activation: str, initialisation: str) -> tuple[Model, Parameters]:
    """A network and where it starts, from W (trials, d, N) and u (trials, N).

    centred: less its own output at the start. paired: every neuron twice. independent: as it is, with some output.
    Raises ValueError for another word.
    """
    if initialisation not in INITIALISATIONS:
        raise ValueError(f"no initialisation is called {initialisation!r}; there are {', '.join(INITIALISATIONS)}")
    model = network(x, u.shape[-1], activation)
    if initialisation == "centred":
        offset = model((W, u))
        return lambda parameters: model(parameters) - offset, (W, u)
    return model, paired(W, u) if initialisation == "paired" else (W, u)


def given(
    stream: Stream, points: ArrayLike, labels: ArrayLike, W: ArrayLike, u: ArrayLike, trials: int
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Given arrays as tensors with `trials` equal rows: x (n, d), y (trials, n), W (trials, d, N), u (trials, N)."""
    arrays = [
        stream.constant(finite(name, array))
        for name, array in (("points", points), ("labels", labels), ("W", W), ("u", u))
    ]
    x, y, first, second = arrays
    return x, y.expand(trials, -1), first.expand(trials, -1, -1), second.expand(trials, -1)
