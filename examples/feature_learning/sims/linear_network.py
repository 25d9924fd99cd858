"""A linear network of one hidden layer in μP, trained on one pair by gradient descent; many trials at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lazy_assay.sims import Stream, chunk_sizes, torch

if TYPE_CHECKING:
    from torch import Tensor

DIMENSION = 3


def trained_in_mup(
    *,
    n: int,
    eta: float,
    y: float,
    steps: int,
    quantity: str,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """ "output" f(x) or "kernel", half of ‖∇f‖² over its scale, after the steps; shape (trials,).

    f(x) = (1/n) Σ a_i <w_i, x>, both layers with rate nη, gradients by hand.
    """
    stream = Stream(entropy, device, dtype)
    found = []
    for size in chunk_sizes(trials, 2 * n * (DIMENSION + 1), stream.device):
        w, a = stream.normal(size, n, DIMENSION), stream.normal(size, n)
        x = _input(stream, size)
        for _ in range(steps):
            hidden = (w @ x[..., None])[..., 0]
            moved = eta * (y - (a * hidden).mean(-1, keepdim=True))
            w, a = w + moved[..., None] * a[..., None] * x[:, None, :], a + moved * hidden
        hidden = (w @ x[..., None])[..., 0]
        found.append((a * hidden).mean(-1) if quantity == "output" else (a * a + hidden * hidden).mean(-1) / 2)
    return torch.cat(found)


def trained_by_rates(
    *,
    n: int,
    eta: float,
    y: float,
    steps: int,
    quantity: str,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """The same network as it is built in practice, by autograd: readout of size 1/n, rates η/n there and ηn below."""
    stream = Stream(entropy, device, dtype)
    found = []
    for size in chunk_sizes(trials, 4 * n * (DIMENSION + 1), stream.device):
        w, v = stream.normal(size, DIMENSION, n), stream.normal(size, n) / n
        x = _input(stream, size)
        for _ in range(steps):
            w, v = w.detach().requires_grad_(), v.detach().requires_grad_()
            loss = (_output(w, v, x) - y).square().sum() / 2
            of_w, of_v = torch.autograd.grad(loss, (w, v))
            w, v = w - eta * n * of_w, v - eta / n * of_v
        w, v = w.detach().requires_grad_(), v.detach().requires_grad_()
        out = _output(w, v, x)
        of_w, of_v = torch.autograd.grad(out.sum(), (w, v))
        kernel = (n * of_w.square().sum((-1, -2)) + of_v.square().sum(-1) / n) / 2
        found.append(out.detach() if quantity == "output" else kernel)
    return torch.cat(found)


def _output(w: Tensor, v: Tensor, x: Tensor) -> Tensor:
    return ((x[:, None, :] @ w)[:, 0] * v).sum(-1)


def _input(stream: Stream, trials: int) -> Tensor:
    drawn = stream.normal(trials, DIMENSION)
    lengths: Tensor = drawn.norm(dim=-1, keepdim=True)
    return drawn / lengths
