from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from lazy_assay.sims.core.streams import Stream, stream_key
from lazy_assay.sims.kernels import KernelError
from lazy_assay.sims.kernels.architecture import Activation, Attention, Dense, Flatten, Network

Array = NDArray[np.float64]
SOFT = Attention("softmax", "1/sqrt(d)", False, 1.1, 0.9, 1.2, 1.3)
NODES = 24


def points(n: int, length: int = 2, channels: int = 3) -> torch.Tensor:
    return Stream(stream_key(0, "pairs of tokens", {}, 0)).normal(n, length, channels)


def below(layers: tuple[Dense | Activation, ...], x: torch.Tensor) -> tuple[Array, Array]:
    """Covariances and tangent kernel of all tokens before attention, (n, m, 2, 2)."""
    tokens = x.flatten(0, 1)
    found = Network(*layers, channels=x.shape[-1]).kernels(tokens)
    n, shape = len(x), (len(x), 2, len(x), 2)
    assert len(tokens) == 2 * n
    kappa, theta = (values.reshape(shape).transpose(1, 2).numpy() for values in (found.nngp, found.ntk))
    return kappa, theta


def softmax(scores: Array) -> tuple[Array, Array]:
    """Of two scores on the last axis, and its Jacobian."""
    high = np.exp(scores - scores.max(-1, keepdims=True))
    found = high / high.sum(-1, keepdims=True)
    return found, found[..., :, None] * (np.eye(2) - found[..., None, :])


def by_quadrature(kappa: Array, theta: Array, i: int, j: int, p: int, q: int) -> tuple[float, float]:
    """E z_p z'_q and its tangent kernel from the four Gaussian scores themselves, by Gauss–Hermite in each."""
    s, c = (SOFT.query_std * SOFT.key_std) ** 2, (SOFT.value_std * SOFT.output_std) ** 2
    cross = kappa[i, j, p, q] * kappa[i, j]
    corner = kappa[i, i, p, p] * kappa[i, i], kappa[j, j, q, q] * kappa[j, j]
    values, vectors = np.linalg.eigh(s * np.block([[corner[0], cross], [cross.T, corner[1]]]))
    nodes, weights = np.polynomial.hermite_e.hermegauss(NODES)
    grid = np.stack(np.meshgrid(*[nodes] * 4, indexing="ij"), -1).reshape(-1, 4)
    weight = np.prod(np.stack(np.meshgrid(*[weights / weights.sum()] * 4, indexing="ij"), -1).reshape(-1, 4), -1)
    scores = grid @ (vectors * np.sqrt(np.maximum(values, 0))).T
    (one, d_one), (other, d_other) = softmax(scores[:, :2]), softmax(scores[:, 2:])
    weighed = np.einsum("k,kr,ks->rs", weight, one, other)
    slopes = np.einsum("k,kra,ksb->rsab", weight, d_one, d_other)
    nngp = c * (weighed * kappa[i, j]).sum()
    # Σ_rs κ_rs E ∂ζ_r/∂G_a ∂ζ'_s/∂G_b, times what queries, keys and what lies below them give scores a and b.
    k, t, kpq, tpq = kappa[i, j], theta[i, j], kappa[i, j, p, q], theta[i, j, p, q]
    scored = np.einsum("rs,rsab,ab->", k, slopes, s * (2 * kpq * k + tpq * k + kpq * t))
    return nngp, 2 * nngp + c * ((weighed * t).sum() + scored)


def test_attention_to_two_tokens_is_the_average_over_their_scores() -> None:
    x, layers = points(2), (Dense(1.2, 0.1), Activation("relu"), Dense(0.9))
    kappa, theta = below(layers, x)
    found = Network(*layers, SOFT, Flatten(), Dense(), channels=3).kernels(x)
    for i, j in [(0, 0), (0, 1), (1, 1)]:
        expected = np.mean([by_quadrature(kappa, theta, i, j, p, p) for p in (0, 1)], axis=0)
        # Dense() after Flatten() adds its own gradients.
        nngp, ntk = found.nngp[i, j].item(), found.ntk[i, j].item()
        assert nngp == pytest.approx(expected[0], rel=1e-9)
        assert ntk == pytest.approx(expected[0] + expected[1], rel=1e-9)


def test_two_tokens_that_coincide_are_attended_to_alike() -> None:
    x = points(2)
    x[0, 1] = x[0, 0]
    layers = (Dense(1.2, 0.1), Activation("relu"))
    found = Network(*layers, SOFT, Flatten(), Dense(), channels=3).kernels(x)
    alone = Network(*layers, Attention("softmax", "1/d", False, 1.1, 0.9, 1.2, 1.3), Flatten(), Dense(), channels=3)
    # Its weights are one half each, whatever the scores are.
    assert torch.allclose(found.nngp[0], alone.kernels(x).nngp[0], rtol=1e-11)


def test_blocks_and_the_order_of_tokens_do_not_matter() -> None:
    x = points(6)
    network = Network(Dense(1.2, 0.1), Activation("erf"), SOFT, Activation("relu"), Flatten(), Dense(), channels=3)
    whole = network.kernels(x)
    assert torch.allclose(network.kernels(x, memory_limit=20_000).ntk, whole.ntk, rtol=1e-10)
    assert torch.allclose(network.kernels(x.flip(1)).ntk, whole.ntk, rtol=1e-10)
    assert torch.linalg.eigvalsh(whole.ntk).min() > -1e-10 * whole.ntk.max()


def test_it_is_differentiable_in_its_points() -> None:
    x, y = points(3)[:1], points(3)[1:]
    network = Network(Dense(1.2, 0.1), Activation("erf"), SOFT, Flatten(), Dense(), channels=3)
    assert torch.autograd.gradcheck(lambda v: network.kernels(v, y).ntk, (x.clone().requires_grad_(),), atol=1e-6)


def test_more_tokens_than_two_are_refused() -> None:
    network = Network(SOFT, Flatten(), Dense(), channels=3)
    with pytest.raises(KernelError, match=r"there is a rule for two, and the grid is \(3,\)"):
        network.kernels(points(2, length=3))
