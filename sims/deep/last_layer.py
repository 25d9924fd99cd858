"""Training of a last linear layer on fixed features (Kawaguchi and Sun 2021, Theorem 1): descent and SGD.

Predictions are F w with F = [h, 1] (n, m) and w (m, outputs); the loss is the mean over the n points of ‖q − y‖²
("squared") or of the cross-entropy −Σ_k y_k log softmax(q)_k ("cross_entropy"). Everything is given: no noise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from numpy.typing import ArrayLike

from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.core.torch import torch

if TYPE_CHECKING:
    from torch import Tensor

# The place that this module had when its noise was first drawn: moves change no draw.
STREAM = "sims.last_layer"


def descent_at(
    *,
    features: ArrayLike,
    targets: ArrayLike,
    start: ArrayLike,
    loss: str,
    step_size: float,
    t: int,
    minimum: float,
    trials: int = 1,
    entropy: int = 0,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """Loss after t steps of gradient descent, less `minimum`; the same number in each of the (trials,) rows."""
    F, y, w = _constants(Stream(entropy, device, dtype), features, targets, start)
    for _ in range(t):
        w = w - step_size * _pull(F, _error(F @ w, y, loss)) / F.shape[0]
    return (_mean_loss(F @ w, y, loss) - minimum).repeat(trials)


def hessian_norm_at(
    *, outputs: ArrayLike, trials: int = 1, entropy: int = 0, device: str = "cpu", dtype: str = "float64"
) -> Tensor:
    """Largest eigenvalue of the Hessian of cross-entropy in its outputs q, diag(p) − ppᵀ; shape (trials,)."""
    p = Stream(entropy, device, dtype).constant(outputs).softmax(-1)
    eigenvalues: Tensor = torch.linalg.eigvalsh(torch.diag(p) - torch.outer(p, p))
    return eigenvalues[-1:].repeat(trials)


def expected_best_at(
    *,
    features: ArrayLike,
    targets: ArrayLike,
    start: ArrayLike,
    loss: str,
    step_sizes: ArrayLike,
    minimum: float,
    trials: int = 1,
    entropy: int = 0,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """E[min_k L(w^k)] − minimum over k = 0 … len(step_sizes) − 1 of SGD on single points, exactly; shape (trials,).

    The expectation is over every sequence of drawn points: n^t of them, all equally likely, each run.
    """
    stream = Stream(entropy, device, dtype)
    F, y, w = _constants(stream, features, targets, start)
    n, w, schedule = F.shape[0], w[None], stream.constant(step_sizes).unbind()
    losses: list[Tensor] = []
    for step_size in schedule:
        left = len(schedule) - len(losses) - 1
        losses.append(_mean_loss(F @ w, y, loss).repeat_interleave(n**left))
        w = (w[:, None] - step_size * _point_gradients(F, y, w, loss)).flatten(0, 1)
    return (torch.stack(losses).amin(0).mean() - minimum).repeat(trials)


def expected_progress_at(
    *,
    features: ArrayLike,
    targets: ArrayLike,
    start: ArrayLike,
    comparator: ArrayLike,
    loss: str,
    step_sizes: ArrayLike,
    trials: int = 1,
    entropy: int = 0,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """E Σ_k η_k <∇L(w^k), w^k − u> of SGD on single points, exactly (as `expected_best_at`); shape (trials,).

    ∇L is the full gradient; u is the comparator, (m, outputs).
    """
    stream = Stream(entropy, device, dtype)
    F, y, w = _constants(stream, features, targets, start)
    u, w = stream.constant(comparator), w[None]
    total = torch.zeros_like(w[0, 0, 0])
    for step_size in stream.constant(step_sizes).unbind():
        full = _pull(F, _error(F @ w, y, loss)) / F.shape[0]
        total = total + step_size * (full * (w - u)).sum((-2, -1)).mean()
        w = (w[:, None] - step_size * _point_gradients(F, y, w, loss)).flatten(0, 1)
    return total[None].repeat(trials)


def _constants(stream: Stream, *arrays: ArrayLike) -> tuple[Tensor, ...]:
    return tuple(stream.constant(array) for array in arrays)


def _error(q: Tensor, y: Tensor, loss: str) -> Tensor:
    """The gradient of one point's loss in its outputs. Raises ValueError for an unknown loss."""
    if loss == "squared":
        return 2 * (q - y)
    if loss == "cross_entropy":
        return q.softmax(-1) * y.sum(-1, keepdim=True) - y
    raise ValueError(f"no loss is called {loss!r}; there are squared, cross_entropy")


def _mean_loss(q: Tensor, y: Tensor, loss: str) -> Tensor:
    """Mean over the points, the last axis but one."""
    each = (q - y).square().sum(-1) if loss == "squared" else -(y * q.log_softmax(-1)).sum(-1)
    return each.mean(-1)


def _pull(F: Tensor, error: Tensor) -> Tensor:
    """Fᵀ error."""
    return F.mT @ error


def _point_gradients(F: Tensor, y: Tensor, w: Tensor, loss: str) -> Tensor:
    """The gradients of every point's loss at every w (runs, m, outputs): (runs, n, m, outputs)."""
    return torch.einsum("im,rik->rimk", F, _error(F @ w, y, loss))
