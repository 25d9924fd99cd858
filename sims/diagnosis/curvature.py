"""First and second derivative of a network's outputs in its parameters: their operator norms, without forming D²h."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.diagnosis.subject import DiagnosisError, differentiable, outputs, trained

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Module

# Numbers of a Jacobian that are held at once, 512 MiB of float64.
_LARGEST = 2**26
# A round that raises the bound by less ends the climb.
_RISE, _ROUNDS, _GUESSES = 1e-4, 64, 2


def jacobian(module: Module, x: Tensor) -> Tensor:
    """Dh, (n · O, parameters), of the whole batch. Raises DiagnosisError where it is too large to hold."""
    leaves = trained(module)
    with differentiable():
        f = outputs(module, x)
        if f.numel() * sum(p.numel() for p in leaves) > _LARGEST:
            raise DiagnosisError("the Jacobian at these points is too large to hold: give fewer points")
        rows = [_flat(_gradients(entry, leaves), leaves) for entry in f]
    return torch.stack(rows).detach()


def second_derivative_norm(module: Module, x: Tensor) -> float:
    """max ‖D²h[a, b]‖ over unit a, b, by alternating maximisation: a lower bound, as `measures.bilinear_norm` is.

    The best v in R^N for a, then the best a for it: the eigenvector of largest modulus of Σ v_i D²h_i, by Lanczos.
    """
    size = sum(p.numel() for p in trained(module))
    return max(_climbed(module, x, np.cos((guess + 1.0) * np.arange(1, size + 1))) for guess in range(_GUESSES))


def _climbed(module: Module, x: Tensor, a: np.ndarray) -> float:
    reached, a = 0.0, a / np.linalg.norm(a)
    for _ in range(_ROUNDS):
        u = _bilinear(module, x, a)
        length = float(np.linalg.norm(u))
        if length <= reached * (1 + _RISE) or not math.isfinite(length):
            return max(length, reached)
        reached, a = length, _largest(module, x, u / length, a)
    return reached


def _bilinear(module: Module, x: Tensor, a: np.ndarray) -> np.ndarray:
    """D²h[a, a], (N,): derivatives of v·f along a, twice, which are linear in v."""
    leaves = trained(module)
    with differentiable():
        direction = _split(a, leaves)
        f = outputs(module, x)
        v = torch.ones_like(f).requires_grad_()
        along = f @ v
        for _ in range(2):
            along = _dot(_gradients(along, leaves, again=True), direction)
        found = torch.autograd.grad(along, v, allow_unused=True)[0] if along.requires_grad else None
    return np.zeros(len(v)) if found is None else np.asarray(found.detach().cpu().numpy())


def _largest(module: Module, x: Tensor, v: np.ndarray, start: np.ndarray) -> np.ndarray:
    """The eigenvector of Σ v_i D²h_i whose eigenvalue is largest in modulus."""
    from scipy.sparse.linalg import ArpackError, LinearOperator, eigsh

    leaves = trained(module)
    with differentiable():
        weights = torch.as_tensor(v).to(leaves[0])
        first = _gradients(outputs(module, x) @ weights, leaves, again=True)

        def product(b: np.ndarray) -> np.ndarray:
            found = _gradients(_dot(first, _split(b.ravel(), leaves)), leaves)
            return np.asarray(_flat(found, leaves).cpu().numpy())

        if len(start) < 2:
            return start
        operator = LinearOperator((len(start), len(start)), matvec=product, dtype=np.float64)
        try:
            return np.asarray(eigsh(operator, k=1, which="LM", v0=start, tol=_RISE)[1][:, 0])
        except ArpackError as error:
            raise DiagnosisError("Lanczos does not converge on the second derivative") from error


def _gradients(value: Tensor, leaves: list[Tensor], *, again: bool = False) -> list[Tensor | None]:
    if not value.requires_grad:
        return [None] * len(leaves)
    return list(torch.autograd.grad(value, leaves, create_graph=again, retain_graph=True, allow_unused=True))


def _dot(gradients: list[Tensor | None], direction: list[Tensor]) -> Tensor:
    terms = [(g * d).sum() for g, d in zip(gradients, direction, strict=True) if g is not None]
    return torch.stack(terms).sum() if terms else torch.zeros(())


def _flat(gradients: list[Tensor | None], leaves: list[Tensor]) -> Tensor:
    return torch.cat(
        [torch.zeros_like(p).flatten() if g is None else g.flatten() for g, p in zip(gradients, leaves, strict=True)]
    )


def _split(a: np.ndarray, leaves: list[Tensor]) -> list[Tensor]:
    parts = torch.as_tensor(a).to(leaves[0]).split([p.numel() for p in leaves])
    return [part.reshape(p.shape) for part, p in zip(parts, leaves, strict=True)]
