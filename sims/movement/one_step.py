"""One real step of gradient descent on a small network, and its exact derivative in the step size.

f_i = Σ_j a_j sigma(<w_j, x_i>), sigma = He2 + He3, a_j = (−1)^j/√N; the parameters are W, (d, N); F = ½ Σ (f_i − y_i)².
f is cubic in W, so F along a step is a polynomial of degree 6 in the step size: seven steps give its derivative.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from numpy.typing import ArrayLike

from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.numerics.activations import value

if TYPE_CHECKING:
    from torch import Tensor

# The place that this module had when its noise was first drawn: moves change no draw.
STREAM = "sims.one_step"

# Central difference at −3 … 3: exact up to degree 6.
STENCIL = (-1 / 60, 9 / 60, -45 / 60, 0.0, 45 / 60, -9 / 60, 1 / 60)
# The longest step moves the weights by 3 tenths of their norm.
SHARE = 0.1


def expansion_at(
    *,
    W: ArrayLike,
    points: ArrayLike,
    labels: ArrayLike,
    quantity: str,
    trials: int = 1,
    entropy: int = 0,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """The same number in each of the (trials,) rows. Gradients by autograd; steps w − ηg are really taken.

    quantity: "loss" (dF/dη at η = 0), "derivative" (‖dDf/dη‖_F), "relative loss", "relative derivative" (those over F
    and ‖Df‖_F, in size), "gradient" (‖∇F‖), "cross-entropy" (of labels ±1 at outputs f, mean over points). Raises
    ValueError for another.
    """
    stream = Stream(entropy, device, dtype)
    w, x, y = (stream.constant(array) for array in (W, points, labels))
    found = _quantities(w, x, y)
    if quantity not in found:
        raise ValueError(f"quantity is one of {', '.join(found)}, not {quantity!r}")
    return found[quantity].repeat(trials)


def changes_at(
    *,
    W: ArrayLike,
    points: ArrayLike,
    labels: ArrayLike,
    step_size: float,
    of: str,
    trials: int = 1,
    entropy: int = 0,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """Relative change over one step w − step_size·g that is really taken; the same number in each of (trials,) rows.

    of: "loss", |F(ω_1) − F(ω_0)|/F(ω_0), or "derivative", ‖Df(ω_1) − Df(ω_0)‖_F/‖Df(ω_0)‖_F. Raises ValueError for
    another.
    """
    stream = Stream(entropy, device, dtype)
    w, x, y = (stream.constant(array) for array in (W, points, labels))

    def loss(at: Tensor) -> Tensor:
        return (_outputs(at, x) - y).square().sum() / 2

    watched = {"loss": loss, "derivative": torch.func.jacrev(lambda at: _outputs(at, x))}
    if of not in watched:
        raise ValueError(f"of is one of {', '.join(watched)}, not {of!r}")
    before, after = (watched[of](at) for at in (w, w - step_size * torch.func.grad(loss)(w)))
    change: Tensor = (after - before).norm() / before.norm()
    return change.repeat(trials)


def _outputs(w: Tensor, x: Tensor) -> Tensor:
    signs = torch.ones_like(w[0])
    signs[1::2] = -1
    return value("hermite2_3")(x @ w) @ signs / math.sqrt(w.shape[1])


def _quantities(w: Tensor, x: Tensor, y: Tensor) -> dict[str, Tensor]:
    def loss(at: Tensor) -> Tensor:
        return (_outputs(at, x) - y).square().sum() / 2

    jacobian = torch.func.jacrev(lambda at: _outputs(at, x))
    g = torch.func.grad(loss)(w)
    h = SHARE * w.norm() / g.norm()
    steps = [(c, w - (k - 3) * h * g) for k, c in enumerate(STENCIL)]
    slope = torch.stack([c * loss(at) for c, at in steps]).sum() / h
    turned = torch.stack([c * jacobian(at) for c, at in steps]).sum(0).norm() / h
    margins = -y * _outputs(w, x)
    return {
        "loss": slope,
        "derivative": turned,
        "relative loss": slope.abs() / loss(w),
        "relative derivative": turned / jacobian(w).norm(),
        "gradient": g.norm(),
        "cross-entropy": torch.logaddexp(margins, torch.zeros_like(margins)).mean(),
    }
