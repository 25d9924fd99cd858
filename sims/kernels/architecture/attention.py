"""Self-attention of many heads over all positions (Hron, Bahri, Sohl-Dickstein and Novak 2020)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import torch

from lazy_assay.sims.kernels._errors import KernelError
from lazy_assay.sims.kernels._pairings import pairing
from lazy_assay.sims.kernels.architecture._layer import GAUSSIAN, Grid, Layer
from lazy_assay.sims.kernels.architecture._state import State, covariance, flattened
from lazy_assay.sims.kernels.architecture.activation import inverse, plain, root
from lazy_assay.sims.kernels.architecture.affine import require_scale

if TYPE_CHECKING:
    from torch import Tensor

    from lazy_assay.sims.kernels.architecture._state import Side

_SCORES, _SCALINGS = ("softmax", "linear"), ("1/d", "1/sqrt(d)")


@dataclass(frozen=True)
class Attention(Layer):
    """z = Σ_h ζ(Q_h K_hᵀ/d^τ) V_h O_h/√(H d), with Q = σ_q h W_q/√n and so on, W ~ N(0, 1) trained, H heads of size d.

    `scaling` "1/d" (τ = 1). By the law of large numbers the scores of a point have a limit: with W_q = W_k at the start
    (`tied`), σ_q σ_k E h(p) h(q); drawn apart, zero. So A = ζ(limit) is fixed, and in values and outputs the layer is
    linear: with c = σ_v² σ_o² and the gradients in V and O giving E z z' each,

        E z z' = c A_x E[h h'] A_yᵀ,   Θ = 2 E z z' + c A_x Θ_h A_yᵀ.

    The gradients in queries and keys are of order 1/d, those through the scores into what lies below of order 1/√n:
    both vanish. It holds for softmax and linear scores and for any number of heads.

    `scaling` "1/sqrt(d)" (τ = 1/2). The scores stay random, independently in each head, so z is Gaussian as H → ∞
    only. With linear scores and W_q, W_k apart E[G_pr G'_qs] = σ_q² σ_k² E[h h']_pq E[h h']_rs at every d. With
    κ = E[h h'], c = σ_q² σ_k² σ_v² σ_o², z linear in each of four weights, and through values, queries and keys in h:

        E z z'_pq = c κ_pq Σ_rs κ_rs²,   Θ_pq = 4 E z z'_pq + c (Θ_h,pq Σ_rs κ_rs² + 2 κ_pq Σ_rs κ_rs Θ_h,rs).

    With softmax scores and two positions, d → ∞ and H → ∞: softmax is the logistic function S of the difference Δ_p of
    two scores, centred Gaussian with E Δ_p Δ'_q = s κ_pq κ_±, s = σ_q² σ_k², κ_± = κ_11 − κ_12 − κ_21 + κ_22. With
    m = E S(Δ) S(Δ') − 1/4, w = E S'(Δ) S'(Δ'), c = σ_v² σ_o², and Θ_± of Θ_h as κ_± of κ,

        E z z'_pq = c (Σ_rs κ_rs/4 + m κ_±),
        Θ_pq = 2 E z z'_pq + c (Σ_rs Θ_h,rs/4 + m Θ_±) + c w κ_± s (2 κ_pq κ_± + Θ_h,pq κ_± + κ_pq Θ_±):

    values and outputs, what lies below the values, and queries, keys and what lies below them. m and w are the duals of
    the logistic function, each within the error that `sims.kernels._logistic` states.

    Refused by name: softmax at 1/sqrt(d) of more positions, a mean over Gaussian scores in as many dimensions, for
    which no certified rule is here; tied weights there (the scores grow like √d); linear scores at 1/d with weights
    apart (nothing passes). No masks, no biases; a code of positions belongs to the data.
    """

    mixes: ClassVar[bool] = True
    scores: str = "softmax"
    scaling: str = "1/d"
    tied: bool = True
    query_std: float = 1.0
    key_std: float = 1.0
    value_std: float = 1.0
    output_std: float = 1.0

    def __post_init__(self) -> None:
        for name in ("query_std", "key_std", "value_std", "output_std"):
            require_scale(name, getattr(self, name))
        if self.scores not in _SCORES or self.scaling not in _SCALINGS or not isinstance(self.tied, bool):
            raise KernelError(
                f"scores={self.scores!r}, scaling={self.scaling!r}, tied={self.tied!r}; scores is one of {_SCORES}, "
                f"scaling one of {_SCALINGS}, and tied true or false"
            )
        if self._random and self.tied:
            raise KernelError("scores of tied queries and keys divided by √d grow like √d: take tied=False")
        if not self._random and self.scores == "linear" and not self.tied:
            raise KernelError("linear scores of untied queries and keys divided by d vanish: take tied=True")

    @property
    def _random(self) -> bool:
        return self.scaling == "1/sqrt(d)"

    def grid(self, grid: Grid) -> Grid:
        """The same."""
        if not grid:
            raise KernelError("attention needs points with positions, (n, *grid, channels)")
        if self._random and self.scores == "softmax" and math.prod(grid) != 2:
            raise KernelError(
                "softmax of scores divided by √d is a mean over Gaussian scores in as many dimensions as there are "
                f"positions; there is a rule for two, and the grid is {grid}: take scaling='1/d', or scores='linear'"
            )
        return grid

    def law(self, law: str) -> str:
        """Gaussian, whatever goes in."""
        return GAUSSIAN

    def alive(self) -> int:
        """See Layer."""
        return super().alive() + (pairing("sigmoid").alive if self._random and self.scores == "softmax" else 0)

    def variance(self, side: Side, axes: int) -> Tensor:
        """E z(p)²."""
        own = _covariances(side, axes)
        if self._random:
            found = (self._two(own, own, own) if self.scores == "softmax" else self._random_scores(own))[0]
        else:
            found = self._mixed(own, own, own)
        return found.diagonal(dim1=-2, dim2=-1).reshape(side.variance.shape)

    def rule(self, state: State, first: Tensor, second: Tensor) -> tuple[Tensor, Tensor | None]:
        """See the class."""
        kappa = flattened(state.covariance, state.axes)
        below = None if state.tangent is None else flattened(state.tangent, state.axes)
        left, right = (_covariances(side, state.axes) for side in (state.left, state.right))
        if self._random and self.scores == "softmax":
            found, tangent = self._two(left, kappa, right, below)
        elif self._random:
            found, tangent = self._random_scores(kappa, below)
        else:
            found = self._mixed(left, kappa, right)
            tangent = None if below is None else 2 * found + self._mixed(left, below, right)
        shape = state.distance.shape
        distance = covariance(found.reshape(shape), first, second)
        return distance, None if tangent is None else tangent.reshape(shape)

    def _weights(self, own: Tensor) -> Tensor:
        """A, of a point's own covariances (..., P, P)."""
        limit = own * (self.query_std * self.key_std if self.tied else 0.0)
        return torch.softmax(limit, dim=-1) if self.scores == "softmax" else limit

    def _mixed(self, left: Tensor, values: Tensor, right: Tensor) -> Tensor:
        """c A_x · A_yᵀ."""
        scale = (self.value_std * self.output_std) ** 2
        return self._weights(left) @ values @ self._weights(right).mT * scale

    def _random_scores(self, kappa: Tensor, below: Tensor | None = None) -> tuple[Tensor, Tensor | None]:
        scale = (self.query_std * self.key_std * self.value_std * self.output_std) ** 2
        square = scale * kappa.square().sum((-2, -1), keepdim=True)
        found = kappa * square
        if below is None:
            return found, None
        product = 2 * scale * (kappa * below).sum((-2, -1), keepdim=True)
        return found, 4 * found + below * square + kappa * product

    def _two(
        self, left: Tensor, kappa: Tensor, right: Tensor, below: Tensor | None = None
    ) -> tuple[Tensor, Tensor | None]:
        """Of two positions, softmax at 1/sqrt(d); left and right are the points' own covariances."""
        scale, s = (self.value_std * self.output_std) ** 2, (self.query_std * self.key_std) ** 2
        crossed = _crossed(kappa)
        a, b = (root(_variances(own) * s) for own in (left, right))
        value, slope = _logistic(kappa * crossed * s, a[..., :, None], b[..., None, :])
        found = (_total(kappa) / 4 + value * crossed) * scale
        if below is None:
            return found, None
        through = _total(below) / 4 + value * _crossed(below)
        scores = 2 * kappa * crossed + below * crossed + kappa * _crossed(below)
        return found, 2 * found + scale * (through + slope * crossed * s * scores)


def _total(values: Tensor) -> Tensor:
    """Σ_rs of (..., 2, 2), kept as axes."""
    return values.sum((-2, -1), keepdim=True)


def _crossed(values: Tensor) -> Tensor:
    """11 − 12 − 21 + 22 of (..., 2, 2), kept as axes."""
    sign = values.new_tensor([[1.0, -1.0], [-1.0, 1.0]])
    return _total(values * sign)


def _variances(own: Tensor) -> Tensor:
    """Those of the differences of scores at both positions, without scale, from a point's own covariances."""
    return (own.diagonal(dim1=-2, dim2=-1) * _crossed(own)[..., 0]).clamp(min=0)


def _logistic(p: Tensor, a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    """E S(u) S(v) − 1/4 and E S'(u) S'(v) of covariance p and standard deviations a and b."""
    phi = pairing("sigmoid")
    gap = (1 - p * inverse(a) * inverse(b)).clamp(0, 2)
    value, slope = plain(phi.pair, gap, a, b)(gap, a, b)
    return value - 0.25, slope


def _covariances(side: Side, axes: int) -> Tensor:
    """A point's own, (n, 1, P, P)."""
    assert side.distance is not None
    return flattened(State(side.distance, None, side, side, axes, True).covariance, axes)
