"""A two-layer network trained from initial weights that are larger by a factor; Kearns et al. 2023, section 3.

h(x) = (1/m) Σ_j u_j σ(θ_jᵀx), both layers trained by gradient descent on ½ Σ_i (h(x_i) − y_i)².
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from numpy.typing import ArrayLike

from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.dynamics.descent import GradientDescent, descend
from lazy_assay.sims.dynamics.networks import FullyConnected
from lazy_assay.sims.dynamics.parameterisations import MEAN_FIELD

if TYPE_CHECKING:
    from torch import Tensor

    Parameters = tuple[Tensor, ...]

# The place that this module had when its noise was first drawn: moves change no draw.
STREAM = "sims.large_weights"


def trained_output_at(
    *,
    theta: ArrayLike,
    u: ArrayLike,
    factor: float,
    points: ArrayLike,
    labels: ArrayLike,
    centres: ArrayLike,
    activation: str,
    step_size: float,
    steps: int,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """The output after descent from factor·(θ, u), summed over `centres`; shape (trials,), one number."""
    stream = Stream(entropy, device, dtype)
    x, y, z = (stream.constant(array) for array in (points, labels, centres))
    start = stream.constant(theta).mT[None] * factor, stream.constant(u)[None, :, None] * factor
    network = FullyConnected((*start[0].shape[1:], 1), activation, MEAN_FIELD)

    def loss(weights: Parameters, k: int) -> Tensor:
        return (network(weights, x)[:, :, 0] - y).square().sum(-1) / 2

    end, _ = descend(loss, start, GradientDescent(float(step_size)), steps)
    return network(end, z).sum().expand(trials)
