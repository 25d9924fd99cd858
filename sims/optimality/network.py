"""What a certificate is about: neurons with masses, read from arrays or off a torch.nn.Module."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np

from lazy_assay.sims.modules.errors import refused_as, running
from lazy_assay.sims.optimality import activations
from lazy_assay.sims.optimality.errors import OptimalityError

if TYPE_CHECKING:
    from torch.nn import Module

Array = np.ndarray
# Products of two such numbers, and quotients, are neither infinite nor 0 in float64.
LARGEST = 1e100


@dataclass(frozen=True)
class Neurons:
    """f(x) = α Σ_j p_j u_j σ(θ_jᵀx), the measure Σ_j p_j δ_(u_j, θ_j) of Eq. (15).

    theta (m, d), u (m,) or (m, k), masses (m,), not negative and divided by their sum here; 1/m each by default, as in
    Eq. (1). activation: tanh, sigmoid, erf, relu, abs, or (below, above), the slopes of a leaky ReLU. A bias is a last
    entry of θ, and a last input of 1. Raises OptimalityError, one line.
    """

    theta: Any
    u: Any
    activation: str | tuple[float, float] = "tanh"
    alpha: float = 1.0
    masses: Any = None

    def __post_init__(self) -> None:
        theta, u = as_array("theta", self.theta, 2), as_array("u", self.u, (1, 2))
        u = u[:, None] if u.ndim == 1 else u
        m = len(theta)
        p = np.ones(m) if self.masses is None else as_array("masses", self.masses, 1)
        if not m or len(u) != m or len(p) != m:
            raise OptimalityError(
                f"theta, u and masses are of {m}, {len(u)} and {len(p)} neurons; one row each for every one"
            )
        if p.min() < 0 or not p.any():
            raise OptimalityError("masses must not be negative, nor all of them 0")
        alpha = as_positive("alpha", self.alpha)
        for name, value in (("theta", theta), ("u", u), ("masses", p / p.sum()), ("alpha", alpha)):
            object.__setattr__(self, name, value)

    @property
    def function(self) -> activations.Activation:
        """The activation. Raises OptimalityError where none is known by that name."""
        if isinstance(self.activation, str):
            return activations.named(self.activation)
        below, above = (float(slope) for slope in self.activation)
        if not (np.isfinite(below) and np.isfinite(above)):
            raise OptimalityError(f"slopes of a leaky ReLU must be finite, got {self.activation!r}")
        return activations.Homogeneous("leaky", below, above)


def as_array(name: str, value: Any, axes: int | tuple[int, ...]) -> Array:
    """Finite numbers as float64. Raises OptimalityError, naming them."""
    if hasattr(value, "detach"):
        value = value.detach().cpu().numpy()
    try:
        found = np.asarray(value)
    except ValueError:
        raise OptimalityError(f"{name}: an array of real numbers is needed, and its rows differ in length") from None
    wanted = (axes,) if isinstance(axes, int) else axes
    if found.dtype.kind not in "fiu" or found.ndim not in wanted:
        told = " or ".join(map(str, wanted))
        raise OptimalityError(
            f"{name}: an array of real numbers with {told} axes is needed, not {found.dtype}{found.shape}"
        )
    found = found.astype(np.float64)
    if not np.isfinite(found).all():
        raise OptimalityError(f"{name}: every entry must be finite")
    return found


def as_positive(name: str, value: Any, why: str = "") -> float:
    """A positive number that no product of a few leaves float64's range with. Raises OptimalityError, naming it."""
    value = value.item() if getattr(value, "ndim", None) == 0 else value
    number = isinstance(value, Real) and not isinstance(value, bool)
    if not (number and np.isfinite(value) and value > 0):
        raise OptimalityError(f"{name} must be positive and finite, got {value!r}" + (f": {why}" if why else ""))
    if not 1 / LARGEST <= value <= LARGEST:
        raise OptimalityError(f"{name} must lie between {1 / LARGEST:g} and {LARGEST:g}, got {value!r}: rescale")
    return float(value)


@contextmanager
def in_range() -> Iterator[None]:
    """Nothing inside may overflow, which no rounding is a bound of. Raises OptimalityError."""
    try:
        with np.errstate(over="raise", invalid="raise", divide="raise"):
            yield
    except (FloatingPointError, OverflowError):
        raise OptimalityError(
            "numbers leave float64's range on the way: rescale x, y, the weights or the decay"
        ) from None


def read(module: Module) -> tuple[Neurons, bool]:
    """A Sequential of Linear, activation, Linear without a bias; and whether inputs are to be given a last entry of 1.

    f = Σ_j v_j σ(w_jᵀx + b_j) is Eq. (1) with α = 1, u_j = m v_j, θ_j = (w_j, b_j). Raises OptimalityError for another.
    """
    from torch import nn

    from lazy_assay.sims.modules import gate

    with refused_as(OptimalityError):
        gate.admit(module, {}, one_device=False)
    layers = list(module) if type(module) is nn.Sequential else []
    first, middle, last = layers if len(layers) == 3 else (None, None, None)
    if type(first) is not nn.Linear or type(last) is not nn.Linear or middle is None:
        raise OptimalityError(
            f"{type(module).__name__}: a network is nn.Sequential(nn.Linear, activation, nn.Linear(bias=False)), or "
            "Neurons"
        )
    if last.bias is not None:
        raise OptimalityError("the last layer has a bias, which no measure of neurons has: nn.Linear(…, bias=False)")
    theta, v = as_array("weight", first.weight, 2), as_array("weight", last.weight, 2).T
    if first.bias is not None:
        theta = np.concatenate([theta, as_array("bias", first.bias, 1)[:, None]], axis=1)
    return Neurons(theta, len(theta) * v, _activation(middle)), first.bias is not None


def require_same(module: Module, x: Array, f: Array) -> None:
    """Raises OptimalityError where the module's own outputs at x are not the ones read off: a hook, another forward."""
    import torch

    weight = next(module.parameters())
    with refused_as(OptimalityError), running("on x"), torch.no_grad():
        own = module(torch.as_tensor(x).to(weight)).double().cpu().numpy()
    # Of outputs in the module's precision, sums of many terms.
    room = math.sqrt(torch.finfo(weight.dtype).eps) * (1 + float(np.abs(f).max()))
    if own.shape != f.shape or not float(np.abs(own - f).max()) <= room:
        raise OptimalityError("the module computes something else than its layers say (hooks?); give Neurons")


def _activation(layer: Module) -> str | tuple[float, float]:
    from torch import nn

    names = {nn.Tanh: "tanh", nn.Sigmoid: "sigmoid", nn.ReLU: "relu"}
    if type(layer) is nn.LeakyReLU:
        return float(layer.negative_slope), 1.0
    if type(layer) not in names:
        raise OptimalityError(
            f"{type(layer).__name__}: the infimum of g is enclosed for Tanh, Sigmoid, ReLU and LeakyReLU, which are "
            "bounded or homogeneous"
        )
    return names[type(layer)]
