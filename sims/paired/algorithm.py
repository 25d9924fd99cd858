"""Daniely's network and his Algorithm 1: 2q neurons in pairs of opposite sign, zero at every input, trained by SGD.

h(x) = Σ_i u_i σ(<w_i, x>), W = [W'; W'] with standard normal W' (q, d), u = (B, …, B, −B, …, −B); inputs on the unit
sphere. A step η moves the function by η' = 2qB²η times the tangent kernel, so rates are given as η'. Leading axis:
trials. Source: Daniely 2020, sections 2.3 and 2.5, Algorithm 1.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.dynamics.descent import largest
from lazy_assay.sims.numerics import activations

if TYPE_CHECKING:
    from torch import Tensor

    Elementwise = Callable[[Tensor], Tensor]

# Values and slopes in the prediction; all three are convex, 1-Lipschitz and smooth but for one point: decent.
_LOSSES: dict[str, tuple[Callable[..., Tensor], Callable[..., Tensor]]] = {
    "hinge": (lambda h, y: torch.relu(1 - y * h), lambda h, y: -y * (y * h < 1).to(h.dtype)),
    "absolute": (lambda h, y: (h - y).abs(), lambda h, y: torch.sign(h - y)),
    "logistic": (lambda h, y: torch.nn.functional.softplus(-y * h), lambda h, y: -y * torch.sigmoid(-y * h)),
}
# Indices of mini-batches are drawn for so many steps at once.
DRAWN = 256


def loss(name: str) -> tuple[Callable[..., Tensor], Callable[..., Tensor]]:
    """Value and slope of a decent loss. Raises ValueError."""
    if name not in _LOSSES:
        raise ValueError(f"no loss is called {name!r}; there are {', '.join(_LOSSES)}")
    return _LOSSES[name]


@dataclass
class Network:
    """Weights W (trials, 2q, d) and u (trials, 2q); `alive` (trials, 2q), where widths differ from trial to trial.

    `rate` is η', one number or one a trial, (trials, 1).
    """

    W: Tensor
    u: Tensor
    B: float
    activation: str
    alive: Tensor | None = None

    def __post_init__(self) -> None:
        self.sigma: Elementwise = activations.value(self.activation)
        self.slope: Elementwise = activations.slope(self.activation)
        # Neurons, 2q: of every trial, (trials, 1), where they differ.
        self.widths: Tensor | int = self.u.shape[-1] if self.alive is None else self.alive.sum(-1, keepdim=True)

    def __call__(self, x: Tensor) -> Tensor:
        """h(x) at x (trials, n, d), shape (trials, n)."""
        return (self._hidden(x @ self.W.mT) @ self.u[..., None])[..., 0]

    def _hidden(self, z: Tensor) -> Tensor:
        return self.sigma(z) if self.alive is None else self.sigma(z) * self.alive[:, None, :]

    def step(self, x: Tensor, y: Tensor, slope_of_loss: Callable[..., Tensor], rate: float) -> Tensor:
        """One step of SGD on the mean loss of a mini-batch, in place; returns the predictions before it."""
        z = x @ self.W.mT
        s = self._hidden(z)
        h: Tensor = (s @ self.u[..., None])[..., 0]
        # η g/b with η = η'/(2qB²).
        g = slope_of_loss(h, y) * (rate / (self.widths * self.B**2 * y.shape[-1]))
        moved = ((self.slope(z) * g[..., None]) * self.u[:, None, :]).mT @ x
        self.u = self.u - (g[:, None, :] @ s)[:, 0]
        self.W = self.W - moved
        return h


def initial(stream: Stream, trials: int, d: int, q: int, B: float, activation: str) -> Network:
    """Xavier initialisation with zero outputs, I(d, q, B)."""
    half = stream.normal(trials, q, d)
    signs = stream.constant([B] * q + [-B] * q)
    return Network(torch.cat([half, half], dim=1), signs.expand(trials, -1), B, activation)


def narrowed(network: Network, q: Tensor) -> Network:
    """The same network with the first q pairs of each trial alone; q (trials,). Those that no trial has are gone."""
    most = largest(q, network.u.shape[-1] // 2)
    W, u = (torch.cat([half[:, :most] for half in values.chunk(2, dim=1)], dim=1) for values in (network.W, network.u))
    alive = (torch.arange(most, device=q.device) < q[:, None]).to(W.dtype).repeat(1, 2)
    return Network(W, u * alive, network.B, network.activation, alive)


def sphere(stream: Stream, *shape: int) -> Tensor:
    """Uniform points of the unit sphere of the last axis."""
    x = stream.normal(*shape)
    points: Tensor = x / x.norm(dim=-1, keepdim=True)
    return points


def signs(stream: Stream, *shape: int) -> Tensor:
    """Independent labels ±1, evenly."""
    return torch.where(stream.normal(*shape) < 0, -1.0, 1.0).to(stream.dtype)


def batches(stream: Stream, trials: int, m: int, batch: int) -> Callable[[], Tensor]:
    """Calls give indices of the next mini-batch, (trials, batch), independent and uniform on the m points."""
    kept: list[Tensor] = []

    def following() -> Tensor:
        if not kept:
            generator = stream.generator
            drawn = torch.randint(m, (DRAWN, trials, batch), generator=generator, device=generator.device)
            kept.extend(reversed(drawn.to(stream.device).unbind()))
        return kept.pop()

    return following


def picked(values: Tensor, chosen: Tensor) -> Tensor:
    """Rows `chosen` (trials, batch) of each trial's own values (trials, m, n); in fewer steps than indexing takes."""
    trials, m, n = values.shape
    rows = chosen + torch.arange(0, trials * m, m, device=chosen.device)[:, None]
    return values.reshape(-1, n).index_select(0, rows.flatten()).view(*chosen.shape, n)


def kernel(network: Network, x: Tensor) -> Tensor:
    """tk_W at points x (trials, n, d): the gradients' Gram matrix over 2qB², hidden and output part; (trials, n, n)."""
    q = network.u.shape[-1] // 2
    z = x @ network.W[:, :q].mT
    s, t = network.sigma(z), network.slope(z)
    return (x @ x.mT) * (t @ t.mT) / q + s @ s.mT / (q * network.B**2)
