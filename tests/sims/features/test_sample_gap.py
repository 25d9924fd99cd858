import numpy as np
import pytest
import torch
from scipy.optimize import linprog

from lazy_assay.sims.features import sample_gap


def products(x: np.ndarray) -> np.ndarray:
    i, j = np.triu_indices(x.shape[1], 1)
    return np.asarray(x[:, i] * x[:, j])


@pytest.mark.parametrize("n", [2, 5, 12])
def test_the_least_l1_norm_is_that_of_a_linear_program(n: int) -> None:
    rng = np.random.default_rng(n)
    x = np.sign(rng.standard_normal((n, 7)))
    features, y = np.hstack([products(x), x]), x[:, 0] * x[:, 1]
    solved = linprog(np.ones(2 * features.shape[1]), A_eq=np.hstack([features, -features]), b_eq=y)
    found = sample_gap.least_l1(torch.tensor(features)[None], torch.tensor(y)[None], 2000)[0].numpy()
    assert np.allclose(features @ found, y)
    assert np.abs(found).sum() == pytest.approx(solved.fun, rel=1e-6)


def test_sections_of_the_quadratic_kernel_explain_their_rank() -> None:
    share = sample_gap.explained_share(n=6, d=6, kernel="quadratic", trials=20, entropy=1) * 15
    assert torch.allclose(share, share.round(), atol=1e-10)
    assert share.min() >= 1
    assert share.max() == pytest.approx(6)


@pytest.mark.parametrize("kernel", ["quadratic", "tangent", "exponential", "aligned"])
def test_one_section_explains_its_own_coefficients_of_degree_two(kernel: str) -> None:
    d = 5
    cube = np.array(np.meshgrid(*[[1.0, -1.0]] * d)).reshape(d, -1).T
    k = sample_gap._kernel(kernel, torch.tensor(cube), torch.tensor(cube)).numpy()
    ratio = np.square(k @ products(cube)).sum(1) / len(cube) / np.square(k).sum(1) / (d * (d - 1) / 2)
    share = sample_gap.explained_share(n=1, d=d, kernel=kernel, trials=4, entropy=1)
    assert np.allclose(share, ratio[0])


def test_the_tangent_kernel_is_the_mean_over_wide_networks() -> None:
    rng = np.random.default_rng(3)
    x = np.sign(rng.standard_normal((4, 6)))
    w, u = rng.standard_normal((400_000, 6)) / np.sqrt(6), rng.standard_normal(400_000)
    h, on = np.maximum(x @ w.T, 0), (x @ w.T > 0) * u
    sampled = (h @ h.T + on @ on.T * (x @ x.T) / 6) / len(u)
    assert np.allclose(sample_gap._kernel("tangent", torch.tensor(x), torch.tensor(x)), sampled, atol=0.02)
