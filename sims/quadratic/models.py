"""Networks with quadratic activation as trained by (stochastic) gradient descent on the squared loss.

Each has a form: f(x) = <x, M x> + c. Parameters have leading axes (trials, step sizes); inputs x (trials, 1, batch, d)
and targets y (trials, 1, batch) are shared by the step sizes. One step descends the mean of (y − f)², whose gradient
needs E[e x xᵀ] only, e = y − f: from a batch, or in population (`Moment`). The offset c moves `offset_rate` times as
fast as the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.data.gaussian_classes import Mixture
from lazy_assay.sims.numerics import forms as _forms

if TYPE_CHECKING:
    from torch import Tensor

Parameters = tuple["Tensor", ...]


class Data(Protocol):
    """Where samples come from, and what is known of them exactly."""

    def sample(self, stream: Stream, *shape: int) -> tuple[Tensor, Tensor]:
        """Inputs (*shape, d) and targets (*shape)."""
        ...

    def moment(self, M: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
        """E[e x xᵀ] (..., d, d) and E[e] (...)."""
        ...

    def risk(self, M: Tensor, c: Tensor) -> Tensor:
        """E e², over E y²."""
        ...


@dataclass(frozen=True)
class QuadraticTarget:
    """y = <x, Bx>, x ~ N(0, I); risks are over the variance 2 ||B||_F²."""

    B: Tensor

    def sample(self, stream: Stream, *shape: int) -> tuple[Tensor, Tensor]:
        """Gaussian inputs and their targets."""
        x = stream.normal(*shape, self.B.shape[-1])
        return x, _forms.quadratic(self.B, x)

    def moment(self, M: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
        """By Isserlis: 2 K + (Tr K − c) I with K = B − M."""
        K = _forms.matrix(self.B) - M
        mean = K.diagonal(dim1=-2, dim2=-1).sum(-1) - c
        return 2 * K + mean[..., None, None] * torch.eye(len(self.B), device=M.device, dtype=M.dtype), mean

    def risk(self, M: Tensor, c: Tensor) -> Tensor:
        """(2 ||K||_F² + (Tr K − c)²)/(2 ||B||_F²)."""
        K = _forms.matrix(self.B) - M
        mean = K.diagonal(dim1=-2, dim2=-1).sum(-1) - c
        return (2 * K.square().sum((-2, -1)) + mean * mean) / (2 * _forms.squared_norm(self.B))


@dataclass(frozen=True)
class TwoClasses:
    """y = ±1 on two centred Gaussian classes; E y² = 1."""

    classes: Mixture

    def sample(self, stream: Stream, *shape: int) -> tuple[Tensor, Tensor]:
        """Inputs and labels."""
        return self.classes.sample(stream, *shape)

    def moment(self, M: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
        """In a class of covariance S: (y − Tr(MS) − c) S − 2 S M S."""
        E, mean = torch.zeros_like(M), torch.zeros_like(c)
        for y, S in ((1, self.classes.plus), (-1, self.classes.minus)):
            MS = _forms.apply(S, M)
            miss = y - MS.diagonal(dim1=-2, dim2=-1).sum(-1) - c
            SMS = S[:, None] * MS if S.ndim == 1 else S @ MS
            E = E + (miss[..., None, None] * _forms.matrix(S) - 2 * SMS) / 2
            mean = mean + miss / 2
        return E, mean

    def risk(self, M: Tensor, c: Tensor) -> Tensor:
        """E(y − f)²."""
        return self.classes.risk_of_form(M, c)


class Model(Protocol):
    """A parametrisation of forms and its gradient step."""

    def start(self, W: Tensor, step_sizes: int) -> Parameters:
        """Parameters (trials, step sizes, …) from standard normals W (trials, N, d)."""
        ...

    def form(self, parameters: Parameters) -> tuple[Tensor, Tensor]:
        """M and c."""
        ...

    def on_batch(self, parameters: Parameters, x: Tensor, y: Tensor, rate: Tensor) -> Parameters:
        """One step on a batch; `rate` is twice the step size, shape (step sizes, 1, 1)."""
        ...

    def on_population(self, parameters: Parameters, data: Data, rate: Tensor) -> Parameters:
        """One step on the population's risk."""
        ...

    def squared_gradient(self, parameters: Parameters, x: Tensor) -> Tensor:
        """|∇f|² at inputs x, shape (trials, step sizes, batch), the offset's derivative counted offset_rate times."""
        ...


def compressed(W: Tensor) -> Tensor:
    """R of W = QR where there are more rows than columns: the same network, in d rows.

    Steps multiply W from the right only (W ← W (I + …)), so Q stays in front for ever and drops out of WᵀW.
    """
    if W.shape[-2] <= W.shape[-1]:
        return W
    R: Tensor = torch.linalg.qr(W, mode="r").R
    return R


@dataclass(frozen=True)
class Network:
    """f = Σ <w_i, x>² + c (Ghorbani et al. 2019, section 2.3), w_ik ~ N(0, scale²/max(N, d)), c = 0 at first."""

    scale: float
    offset_rate: float

    def start(self, W: Tensor, step_sizes: int) -> Parameters:
        """Rows of the first layer, and the offset."""
        rows = compressed(W) * (self.scale / max(W.shape[-2:]) ** 0.5)
        return _repeated(rows, step_sizes), torch.zeros(len(W), step_sizes, device=W.device, dtype=W.dtype)

    def form(self, parameters: Parameters) -> tuple[Tensor, Tensor]:
        """M = WᵀW."""
        W, c = parameters
        return W.mT @ W, c

    def on_batch(self, parameters: Parameters, x: Tensor, y: Tensor, rate: Tensor) -> Parameters:
        """W ← W + 2 rate W E, by products with the batch."""
        W, c = parameters
        u = x @ W.mT
        e = y - u.square().sum(-1) - c[..., None]
        return (
            W + (2 / e.shape[-1]) * rate * ((u * e[..., None]).mT @ x),
            c + self.offset_rate * rate[:, 0, 0] * e.mean(-1),
        )

    def on_population(self, parameters: Parameters, data: Data, rate: Tensor) -> Parameters:
        """W ← W + 2 rate W E."""
        W, c = parameters
        E, mean = data.moment(*self.form(parameters))
        return W + 2 * rate * (W @ E), c + self.offset_rate * rate[:, 0, 0] * mean

    def squared_gradient(self, parameters: Parameters, x: Tensor) -> Tensor:
        """4 Σ <w_i, x>² |x|²."""
        return 4 * (x @ parameters[0].mT).square().sum(-1) * x.square().sum(-1) + self.offset_rate


@dataclass(frozen=True)
class Tangent:
    """f = (2/√N) Σ <w_i, x><a_i, x> + c (Eq. 3) with rows w_i ~ N(0, I/d) fixed, a_i = 0 and c = 0 at first.

    The factor 1/√N makes the curvature that a step meets independent of N.
    """

    W: Tensor
    N: int
    offset_rate: float

    @classmethod
    def of(cls, W: Tensor, offset_rate: float) -> Tangent:
        """From standard normals W (trials, N, d)."""
        return cls(compressed(W)[:, None] / W.shape[-1] ** 0.5, W.shape[-2], offset_rate)

    def start(self, W: Tensor, step_sizes: int) -> Parameters:
        """Zeros."""
        A = torch.zeros_like(self.W).expand(-1, step_sizes, -1, -1)
        return A.clone(), torch.zeros(len(W), step_sizes, device=W.device, dtype=W.dtype)

    def form(self, parameters: Parameters) -> tuple[Tensor, Tensor]:
        """M = (WᵀA + AᵀW)/√N."""
        A, c = parameters
        half = self.W.mT @ A
        return (half + half.mT) / self.N**0.5, c

    def on_batch(self, parameters: Parameters, x: Tensor, y: Tensor, rate: Tensor) -> Parameters:
        """A ← A + (2/√N) rate W E, by products with the batch."""
        A, c = parameters
        u = x @ self.W.mT
        scale = 2 / self.N**0.5
        e = y - scale * (u * (x @ A.mT)).sum(-1) - c[..., None]
        return (
            A + (scale / e.shape[-1]) * rate * ((u * e[..., None]).mT @ x),
            c + self.offset_rate * rate[:, 0, 0] * e.mean(-1),
        )

    def on_population(self, parameters: Parameters, data: Data, rate: Tensor) -> Parameters:
        """A ← A + (2/√N) rate W E."""
        A, c = parameters
        E, mean = data.moment(*self.form(parameters))
        return A + (2 / self.N**0.5) * rate * (self.W @ E), c + self.offset_rate * rate[:, 0, 0] * mean

    def squared_gradient(self, parameters: Parameters, x: Tensor) -> Tensor:
        """(4/N) Σ <w_i, x>² |x|²."""
        return (4 / self.N) * (x @ self.W.mT).square().sum(-1) * x.square().sum(-1) + self.offset_rate


@dataclass(frozen=True)
class GeneralNetwork:
    """f = Σ a_i <w_i, x>² + c (section 3.3); w_ik ~ scale N^(−1/4) N(0, 1/d), a = 0 and c = 0 at first.

    |w_i|² − 2 a_i² does not change along the gradient flow, so a start at a = 0 leaves each neuron free in its sign;
    the factor N^(−1/4) makes the curvature that a step meets independent of N.
    """

    scale: float
    offset_rate: float

    def start(self, W: Tensor, step_sizes: int) -> Parameters:
        """First layer, second layer, offset."""
        trials, N, d = W.shape
        rows = W * (self.scale / (N**0.25 * d**0.5))
        zeros = torch.zeros(trials, step_sizes, N, device=W.device, dtype=W.dtype)
        return _repeated(rows, step_sizes), zeros, zeros[..., 0].clone()

    def form(self, parameters: Parameters) -> tuple[Tensor, Tensor]:
        """M = Wᵀ diag(a) W."""
        W, a, c = parameters
        return W.mT @ (a[..., None] * W), c

    def on_batch(self, parameters: Parameters, x: Tensor, y: Tensor, rate: Tensor) -> Parameters:
        """All three move at once, from the same errors."""
        W, a, c = parameters
        u = x @ W.mT
        squares = u.square()
        e = y - (squares @ a[..., None])[..., 0] - c[..., None]
        scale = rate / e.shape[-1]
        return (
            W + 2 * scale * a[..., None] * ((u * e[..., None]).mT @ x),
            a + scale[:, 0] * (e[..., None, :] @ squares)[..., 0, :],
            c + self.offset_rate * rate[:, 0, 0] * e.mean(-1),
        )

    def on_population(self, parameters: Parameters, data: Data, rate: Tensor) -> Parameters:
        """The same with E and E[e]."""
        W, a, c = parameters
        E, mean = data.moment(*self.form(parameters))
        moved = W @ E
        return (
            W + 2 * rate * a[..., None] * moved,
            a + rate[:, 0] * (moved * W).sum(-1),
            c + self.offset_rate * rate[:, 0, 0] * mean,
        )

    def squared_gradient(self, parameters: Parameters, x: Tensor) -> Tensor:
        """Σ <w_i, x>⁴ + 4 Σ a_i² <w_i, x>² |x|²."""
        W, a, _ = parameters
        squares = (x @ W.mT).square()
        by_rows = (squares @ a.square()[..., None])[..., 0] * x.square().sum(-1)
        return squares.square().sum(-1) + 4 * by_rows + self.offset_rate


def _repeated(rows: Tensor, count: int) -> Tensor:
    return rows[:, None].expand(-1, count, -1, -1).clone()
