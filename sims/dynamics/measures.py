"""What tells lazy training from other training: kappa_h, linearisation error, change of the kernel, patterns kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.dynamics import tangent
from lazy_assay.sims.dynamics.descent import every_trial

if TYPE_CHECKING:
    from torch import Tensor

    from lazy_assay.sims.dynamics.networks import FullyConnected

    Parameters = tuple[Tensor, ...]
    Model = Callable[[Parameters, Tensor], Tensor]

# An alternating maximisation gives up after so many rounds.
ROUNDS = 2048
# How many times what sixteen rounds moved is tried at once.
STRIDES = tuple(4.0**k for k in range(1, 15))


def linearisation_error(model: Model, start: Parameters, parameters: Parameters, x: Tensor) -> Tensor:
    """‖f(w) − f̄(w)‖/‖f(w) − f(w0)‖ over the points x, one a trial: what the tangent model at w0 misses of the move."""
    now, before = model(parameters, x), model(start, x)
    missed = (now - tangent.outputs(model, start, parameters, x)).flatten(1).norm(dim=1)
    error: Tensor = missed / (now - before).flatten(1).norm(dim=1)
    return error


def kernel_change(model: Model, start: Parameters, parameters: Parameters, x: Tensor) -> Tensor:
    """‖K(w) − K(w0)‖_F/‖K(w0)‖_F of the empirical tangent kernel at the points x, one a trial."""
    before = tangent.kernel(model, start, x)
    moved = (tangent.kernel(model, parameters, x) - before).flatten(1).norm(dim=1)
    change: Tensor = moved / before.flatten(1).norm(dim=1)
    return change


def patterns_kept(network: FullyConnected, start: Parameters, parameters: Parameters, x: Tensor) -> Tensor:
    """Share of (point, hidden neuron) pairs whose pre-activation has kept its sign, (trials, hidden layers)."""
    pairs = zip(network.layers(start, x)[:-1], network.layers(parameters, x)[:-1], strict=True)
    return torch.stack([((a > 0) == (b > 0)).flatten(1).to(a.dtype).mean(1) for a, b in pairs], dim=-1)


def second_derivative(model: Model, start: Parameters, x: Tensor) -> Tensor:
    """D²h(w0), shape (trials, n · outputs, parameters, parameters). Memory: n p² numbers a trial."""
    shapes = [p[0].shape for p in start]
    sizes = [p[0].numel() for p in start]

    def one(flat: Tensor) -> Tensor:
        parts = torch.split(flat, sizes)
        return model(tuple(p.reshape(1, *s) for p, s in zip(parts, shapes, strict=True)), x)[0].flatten()

    flat = torch.cat([p.flatten(1) for p in start], dim=1)
    # Reverse over reverse: forward rules do not run on a stand-in device.
    found: Tensor = torch.func.vmap(torch.func.jacrev(torch.func.jacrev(one)))(flat)
    return found


def bilinear_norm(D2h: Tensor, starts: Tensor, rounds: int = ROUNDS) -> Tensor:
    """max ‖D²h[a, b]‖ over unit a, b: the operator norm of R^p × R^p → R^n, one a trial, by alternating maximisation.

    D2h: (..., n, p, p), symmetric in the last two. starts: first guesses of a, (guesses, p), none of them a zero of the
    map. Each round takes the best v in R^n, then the best a for it (the eigenvector of largest modulus of Σ v_i D²h_i),
    so the value never falls: it is reached by unit vectors, hence a lower bound of the norm, and the norm itself unless
    every guess ends in a lesser maximum. Like a power iteration it is slow where two values are close: what is left to
    go then lies along what sixteen rounds have moved, so strides of that are tried, and taken where they raise the
    value. It goes on, `rounds` at most, until sixteen rounds no longer raise it.
    """
    a = starts / starts.norm(dim=-1, keepdim=True)
    a = a.expand(*D2h.shape[:-3], *a.shape)
    before, kept = torch.zeros_like(a[..., 0]), None
    for k in range(rounds):
        v = torch.einsum("...nij,...gi,...gj->...gn", D2h, a, a)
        length = v.norm(dim=-1, keepdim=True)
        v = v / length.clamp_min(torch.finfo(v.dtype).tiny)
        if k % 16 == 15:
            if every_trial(length[..., 0] <= before * (1 + torch.finfo(v.dtype).eps)):
                break
            before = length[..., 0]
            v = v if kept is None else _ahead(D2h, v, v - kept)
            kept = v
        values, vectors = torch.linalg.eigh(torch.einsum("...gn,...nij->...gij", v, D2h))
        last = (values[..., -1] >= -values[..., 0])[..., None]
        a = torch.where(last, vectors[..., -1], vectors[..., 0])
    reached: Tensor = torch.einsum("...nij,...gi,...gj->...gn", D2h, a, a).norm(dim=-1).amax(-1)
    return reached


def _ahead(D2h: Tensor, v: Tensor, moved: Tensor) -> Tensor:
    """Of v and v + stride · moved, made unit, the one at which Σ v_i D²h_i is largest; shapes (..., guesses, n)."""

    def value(unit: Tensor) -> Tensor:
        values: Tensor = torch.linalg.eigvalsh(torch.einsum("...gn,...nij->...gij", unit, D2h))
        return values.abs().amax(-1, keepdim=True)

    best, reached = v, value(v)
    for stride in STRIDES:
        tried = torch.nn.functional.normalize(v + stride * moved, dim=-1)
        other = value(tried)
        best, reached = torch.where(other > reached, tried, best), torch.maximum(other, reached)
    return best


def kappa(residual_norm: Tensor, D2h_norm: Tensor, Dh_norm: Tensor) -> Tensor:
    """‖h(w0) − y‖ ‖D²h(w0)‖/‖Dh(w0)‖²: the relative scale of a model (Chizat, Oyallon, Bach 2019)."""
    return residual_norm * D2h_norm / Dh_norm.square()
