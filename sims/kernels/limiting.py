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
from lazy_assay.sims.kernels._layers import Layer, Scale, layers
from lazy_assay.sims.kernels._pairings import pairing
from lazy_assay.sims.kernels._recursion import NNGP, NTK, entries
from lazy_assay.sims.kernels._results import Kernels as Kernels
from lazy_assay.sims.kernels._storage import Store
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
    folder: Any = None,
) -> Kernels:
    """Limiting kernels between points x (..., n, d) and y (..., m, d), or among x; leading axes broadcast.

    `depth` counts hidden layers (0: a linear model); `weight_std` and `bias_std` are one number, or one for each of
    the depth + 1 affine maps. A bias of None is no bias; one of standard deviation 0 is a parameter all the same,
    which only "standard" can tell apart. `widths` of the hidden layers are for "standard" alone. relu, abs, erf and
    sin are closed forms; tanh, sigmoid and softplus a trapezoid rule (error: `sims.kernels._logistic`). Tensors keep
    their device and dtype, arrays become float64. Without y the result is symmetric to the last bit, its diagonal
    exact; small angles are known to 1e-11, and angles near π to 3e-8 (float64). Where x (n, d) or y requires gradients
    the kernels carry them ("ntk" alone; see `sims.kernels.architecture` for the kinks). With `folder` they are
    streamed into its files nngp.npy and ntk.npy, which may be larger than memory. Raises KernelError.
    """
    scales = (weight_std, bias_std, parameterisation, widths)
    nngp, ntk = _kernels((NNGP, NTK), x, y, activation, depth, *scales, folder)
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
    folder: Any = None,
) -> Tensor:
    """The tangent kernel of `limiting_kernels` alone, in less time; the same arguments."""
    return _kernels((NTK,), x, y, activation, depth, weight_std, bias_std, parameterisation, widths, folder)[0]


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
    folder: Any,
) -> list[Tensor]:
    with refused_as(KernelError):
        left, right = pair(x, y)
    maps = layers(depth, weight_std, bias_std, parameterisation, widths, left.shape[-1])
    phi = pairing(activation)
    if torch.is_grad_enabled() and any(side is not None and side.requires_grad for side in (left, right)):
        return _with_graph(wanted, left, right, activation, maps, parameterisation, folder)
    if folder is not None and (left.ndim > 2 or (right is not None and right.ndim > 2)):
        raise KernelError("a folder takes one matrix: with it x and y are (n, d), without leading axes")
    with refused_as(KernelError), Store(folder, wanted, left.device) as store, torch.no_grad():
        of_block = functools.partial(entries, phi=phi, layers=maps, wanted=wanted)
        rooms = [functools.partial(_room, store, name, left) for name in wanted]
        right = None if right is None else right.detach()
        found = fill(left.detach(), right, of_block, rooms, phi.alive)
        for name, matrix in zip(wanted, found, strict=True):
            require_finite(f"the limiting {name}", matrix, f"entries of x as large as these overflow {matrix.dtype}")
        return [store.finished(name, matrix) for name, matrix in zip(wanted, found, strict=True)]


def _room(store: Store, name: str, like: Tensor, shape: tuple[int, ...]) -> Tensor:
    """A matrix to be filled: of one pair of sets on disk, (1, n, m), or of several."""
    return store.matrix(name, shape[1:], like.dtype)[None] if store.on_disk else like.new_empty(shape)


def _with_graph(
    wanted: tuple[str, ...], x: Tensor, y: Tensor | None, activation: str, maps: list[Layer], parameterisation: str,
    folder: Any,
) -> list[Tensor]:  # fmt: skip
    """By the rules of a network of dense layers, which are differentiable."""
    # It loads torch at once.
    from lazy_assay.sims.kernels.architecture import Activation, Dense, Network

    if parameterisation != "ntk" or x.ndim > 2 or (y is not None and y.ndim > 2):
        raise KernelError("with gradients parameterisation is 'ntk' and points are (n, d); or pass x.detach()")
    affine = [Dense(layer.weight**0.5, layer.bias**0.5) for layer in maps]
    hidden = [part for dense in affine[:-1] for part in (dense, Activation(activation))]
    found = Network(*hidden, affine[-1], channels=x.shape[-1]).kernels(x, y, memory_limit=2**60, folder=folder)
    return [getattr(found, name) for name in wanted]


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
