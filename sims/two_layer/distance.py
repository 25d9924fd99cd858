"""How far a two-layer network moves before its training loss is what it should be (Fang, Dong, Zhang 2021, Fig. 2, 3).

f(x) = (alpha/m) Σ_j u_j h(<theta_j, x>) with k outputs, u and theta normal, softmax loss over all points, plain
gradient descent with a step size for each layer. One step size for all networks would be far too large or too small for
most: it is given in units in which every tangent kernel is of order one, η_θ = step_size · m/(alpha²(1 + ratio))."""

from __future__ import annotations

from typing import TYPE_CHECKING

from numpy.typing import ArrayLike

from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.dynamics.descent import GradientDescent, descend_until
from lazy_assay.sims.dynamics.losses import softmax
from lazy_assay.sims.dynamics.networks import FullyConnected
from lazy_assay.sims.dynamics.parameterisations import MEAN_FIELD

if TYPE_CHECKING:
    from torch import Tensor

    Parameters = tuple[Tensor, ...]

# The place that this module had when its noise was first drawn: moves change no draw.
STREAM = "sims.two_layer_distance"


def distances_at_loss(
    *,
    inputs: ArrayLike,
    targets: ArrayLike,
    widths: list[int],
    alphas: list[float],
    ratios: list[float],
    initialisation: str,
    activation: str,
    sigma: float,
    step_size: float,
    target: float,
    most: int,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """Distances from the initialisation when the loss (nats) is first at most `target`; shape (trials, 5, networks).

    The networks have widths[i], alphas[i] and η_u/η_θ = ratios[i]; neighbours of one width start from the same weights.
    The five: ‖θ_j − θ_j(0)‖ and ‖u_j − u_j(0)‖ averaged over the neurons, ‖θ − θ(0)‖ and ‖u − u(0)‖ of all of them,
    and the loss before training. inputs (n, d); targets (n, k), a row of class probabilities for each.
    initialisation: `independent`, the paper's own, or `paired`, neurons in pairs of opposite u, so that the output is
    zero. A network that has not come to `target` after `most` steps has infinite distances. Raises ValueError for
    another initialisation.
    """
    if initialisation not in ("independent", "paired"):
        raise ValueError(f"initialisation is independent or paired, not {initialisation!r}")
    if not len(widths) == len(alphas) == len(ratios):
        raise ValueError(
            f"{len(widths)} widths, {len(alphas)} alphas and {len(ratios)} ratios: give each network all three"
        )
    stream = Stream(entropy, device, dtype)
    x, y = stream.constant(inputs), stream.constant(targets)
    found: list[Tensor] = []
    start: Parameters = ()
    for width, alpha, ratio in zip(widths, alphas, ratios, strict=True):
        network = FullyConnected((x.shape[1], width, y.shape[1]), activation, MEAN_FIELD, alpha=alpha, sigma=sigma)
        if not start or start[0].shape[-1] != width:
            draw = network.draw_paired if initialisation == "paired" else network.draw
            start = draw(stream, trials)
        rate = step_size * width / (alpha**2 * (1 + ratio))
        descent = GradientDescent((rate, ratio * rate))
        found.append(_distances(network, start, x, y, descent, target, most))
    return torch.stack(found, dim=-1)


def _distances(
    network: FullyConnected,
    start: Parameters,
    x: Tensor,
    y: Tensor,
    descent: GradientDescent,
    target: float,
    most: int,
) -> Tensor:
    """The four distances of every trial and its first loss, (trials, 5)."""
    stopped = descend_until(lambda w, _: softmax(network(w, x), y), start, descent, target, most)
    theta, u = (p - s for p, s in zip(stopped.parameters, start, strict=True))
    moved = (theta.norm(dim=1), u.norm(dim=2))
    first = softmax(network(start, x), y)
    found = torch.stack([m.mean(-1) for m in moved] + [m.norm(dim=-1) for m in moved] + [first], dim=-1)
    return torch.where(torch.isfinite(stopped.steps)[:, None], found, float("inf"))
