"""Limiting kernels of fully connected networks of any depth: the NNGP kernel, and the neural tangent kernel.

A network of `depth` hidden layers, z_0 = A_0 x and z_ℓ = A_ℓ φ(z_{ℓ−1}) with affine maps A_0 … A_depth, as all widths
grow. With K_0 = σ_w² <x, y>/d + σ_b² (Jacot, Gabriel and Hongler 2018; Lee et al. 2018):

    K_ℓ = σ_w² E[φ(u) φ(v)] + σ_b²,   Θ_ℓ = (gradients of A_ℓ) + σ_w² E[φ'(u) φ'(v)] Θ_{ℓ−1},   (u, v) ~ N(0, K_{ℓ−1}).

What a layer's own gradients give depends on the parameterisation. In `"ntk"`, A h = σ_w W h/√n + σ_b b with all of
W, b ~ N(0, 1), it is K_ℓ. In `"standard"`, A h = W h + b with W ~ N(0, σ_w²/n), b ~ N(0, σ_b²), it is n E[φφ] + 1, n
the layer's number of inputs (the leading order in the widths; with one hidden layer, the mean over the weights).
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.kernels._blocks import fill
from lazy_assay.sims.kernels._duals import Pairing
from lazy_assay.sims.kernels._errors import KernelError
from lazy_assay.sims.kernels._inputs import as_tensor, pair
from lazy_assay.sims.kernels._layers import Scale, layers
from lazy_assay.sims.kernels._pairings import pairing
from lazy_assay.sims.kernels._recursion import NNGP, NTK, entries
from lazy_assay.sims.kernels._results import Kernels as Kernels
from lazy_assay.sims.modules.errors import refused_as
from lazy_assay.sims.modules.gate import is_known, require_finite

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Dual:
    """One activation's dual: each field takes (covariance, variance of u, variance of v), which broadcast.

    `value` is E[φ(u) φ(v)] and `slope` E[φ'(u) φ'(v)] for a centred Gaussian pair.
    """

    value: Callable[[Any, Any, Any], Tensor]
    slope: Callable[[Any, Any, Any], Tensor]


def limiting_kernels(
    x: Any,
    y: Any = None,
    *,
    activation: str,
    depth: int,
    weight_std: Scale = 1.0,
    bias_std: Scale = 0.0,
    parameterisation: str = "ntk",
    widths: int | Sequence[int] | None = None,
) -> Kernels:
    """Limiting kernels between points x (..., n, d) and y (..., m, d), or among x; leading axes broadcast.

    `depth` counts hidden layers (0: a linear model); `weight_std` and `bias_std` are one number, or one for each of
    the depth + 1 affine maps. A bias of None is no bias; one of standard deviation 0 is a parameter all the same,
    which only "standard" can tell apart. `widths` of the hidden layers are for "standard" alone. relu, abs, erf and
    sin are closed forms; tanh, sigmoid and softplus a trapezoid rule (error: `sims.kernels._logistic`). Tensors keep
    their device and dtype, arrays become float64. Without y the result is symmetric to the last bit, its diagonal
    exact; small angles are known to 1e-11, and angles near π to 3e-8 (float64). Raises KernelError.
    """
    scales = (weight_std, bias_std, parameterisation, widths)
    nngp, ntk = _kernels((NNGP, NTK), x, y, activation, depth, *scales)
    return Kernels(nngp, ntk)


def limiting_ntk(
    x: Any,
    y: Any = None,
    *,
    activation: str,
    depth: int,
    weight_std: Scale = 1.0,
    bias_std: Scale = 0.0,
    parameterisation: str = "ntk",
    widths: int | Sequence[int] | None = None,
) -> Tensor:
    """The tangent kernel of `limiting_kernels` alone, in less time; the same arguments."""
    return _kernels((NTK,), x, y, activation, depth, weight_std, bias_std, parameterisation, widths)[0]


def _kernels(
    wanted: tuple[str, ...],
    x: Any,
    y: Any,
    activation: str,
    depth: int,
    weight_std: Scale,
    bias_std: Scale,
    parameterisation: str,
    widths: int | Sequence[int] | None,
) -> list[Tensor]:
    with refused_as(KernelError):
        left, right = pair(x, y)
    maps = layers(depth, weight_std, bias_std, parameterisation, widths, left.shape[-1])
    phi = pairing(activation)
    with torch.no_grad():
        of_block = functools.partial(entries, phi=phi, layers=maps, wanted=wanted)
        found = fill(left, right, of_block, len(wanted), phi.alive)
    with refused_as(KernelError):
        for name, matrix in zip(wanted, found, strict=True):
            require_finite(f"the limiting {name}", matrix, f"entries of x as large as these overflow {matrix.dtype}")
    return found


def dual(activation: str) -> Dual:
    """The dual of an activation by name. Raises KernelError for one that has none here."""
    phi = pairing(activation)
    return Dual(functools.partial(_entry, phi, 0), functools.partial(_entry, phi, 1))


def _entry(phi: Pairing, which: int, covariance: Any, variance: Any, other: Any) -> Tensor:
    """One of E[φφ] and E[φ'φ'] from a covariance and two variances."""
    with refused_as(KernelError):
        given = [as_tensor("a covariance", entry) for entry in (covariance, variance, other)]
    p, s, t = torch.broadcast_tensors(*given)
    one = torch.ones_like(p)
    # 1 − p/√(s t), such that p = s = t gives zero exactly; what has no variance has no covariance either.
    ratio = torch.where(t > 0, s / t, one).clamp(min=torch.finfo(s.dtype).tiny)
    scaled = (p / torch.where(t > 0, t, one)) / ratio.sqrt()
    _require_covariance(s, t, scaled)
    with torch.no_grad():
        return phi.pair((1 - scaled).clamp(0, 2), s.sqrt(), t.sqrt())[which]


def _require_covariance(s: Tensor, t: Tensor, correlation: Tensor) -> None:
    if not is_known(s):
        return
    slack = 64 * torch.finfo(s.dtype).eps
    if bool((s < 0).any()) or bool((t < 0).any()) or bool((correlation.abs() > 1 + slack).any()):
        raise KernelError("these are no covariances: p² ≤ s t, with variances s and t that are not negative")
