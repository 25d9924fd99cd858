"""Gradients of a module's outputs at each point, formed: for parameters that are used in no way known to be cheaper."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import torch
from torch.func import functional_call, jacrev, vmap

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor
    from torch.nn import Module

from lazy_assay.sims.kernels._outputs import flat


def jacobian(module: Module, x: Tensor, names: list[str]) -> Tensor:
    """∂ outputs/∂ parameters of these names, point by point: (n, O, P)."""
    chosen = dict(module.named_parameters())
    parameters = {name: chosen[name].detach() for name in names}
    try:
        return _mapped(module, x, parameters)
    except (RuntimeError, NotImplementedError, ValueError, TypeError):
        # What torch.func cannot map (control flow by values, some in-place writes) is done point by point.
        return torch.stack([_at(module, point, [chosen[name] for name in names]) for point in torch.split(x, 1)])


def _mapped(module: Module, x: Tensor, parameters: Mapping[str, Tensor]) -> Tensor:
    def outputs(values: Mapping[str, Tensor], point: Tensor) -> Tensor:
        return flat(functional_call(module, dict(values), (point[None],)), 1)[0]

    with warnings.catch_warnings():
        # An operator without a batching rule is looped over: slower, and as exact.
        warnings.filterwarnings("ignore", message="There is a performance drop", category=UserWarning)
        parts: dict[str, Any] = vmap(jacrev(outputs), in_dims=(None, 0))(dict(parameters), x)
    return torch.cat([part.flatten(2) for part in parts.values()], dim=-1)


def _at(module: Module, point: Tensor, parameters: list[Tensor]) -> Tensor:
    with torch.enable_grad():
        values = flat(module(point), 1)[0]
        rows = [torch.autograd.grad(v, parameters, retain_graph=True, allow_unused=True) for v in values]
    return torch.stack([torch.cat([_dense(g, p) for g, p in zip(row, parameters, strict=True)]) for row in rows])


def _dense(gradient: Tensor | None, parameter: Tensor) -> Tensor:
    if gradient is None:
        return torch.zeros_like(parameter).flatten()
    return (gradient.to_dense() if gradient.is_sparse else gradient).flatten()
