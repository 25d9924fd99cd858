from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from lazy_assay.sims.deep.fully_connected import inputs_and_weights, network, split
from lazy_assay.sims.deep.preactivation_resnet import (
    EIGHTEEN_LAYERS,
    ONE_BLOCK_A_STAGE,
    preactivation_resnet,
    silence_residuals,
)
from lazy_assay.sims.rank import RankVerdict, certified_rank

FULL, DEFICIENT, NONE = RankVerdict.FULL, RankVerdict.DEFICIENT, RankVerdict.NONE


def drawn(
    n: int, widths: list[int], activation: str = "softplus", *, zeta: float = 10.0, gain: float = 1.0, entropy: int = 3
) -> tuple[nn.Module, np.ndarray]:
    """A network and its data."""
    (row,) = inputs_and_weights(
        samples=n, widths=np.array(widths), gain=gain, bias_scale=1.0, trials=1, entropy=entropy
    )
    x, weights = split(row, n, widths[0])
    return network(widths=widths, weights=weights, activation=activation, zeta=zeta), x


def images(n: int, size: int = 8) -> np.ndarray:
    return np.random.default_rng(0).standard_normal((n, 1, size, size))


def resnet(blocks: tuple[int, ...], n: int, width: int = 3) -> nn.Module:
    return preactivation_resnet(channels=1, width=width, blocks=blocks, last_hidden=n + 6, outputs=2, entropy=1)


def silenced(n: int) -> nn.Module:
    module = resnet(EIGHTEEN_LAYERS, n, 2)
    silence_residuals(module)
    return module


def repeated(module: nn.Module) -> nn.Module:
    """All units of the last hidden layer but the first two made equal."""
    assert isinstance(module, nn.Sequential)
    layer = module[-3]
    assert isinstance(layer, nn.Linear)
    with torch.no_grad():
        layer.weight[2:], layer.bias[2:] = layer.weight[1], layer.bias[1]
    return module


def collapsed(module: nn.Module) -> nn.Module:
    """A first layer whose weights are zero: it forgets its input."""
    assert isinstance(module, nn.Sequential)
    assert isinstance(module[0], nn.Linear)
    torch.nn.init.zeros_(module[0].weight)
    return module


def twice(x: np.ndarray) -> np.ndarray:
    return np.concatenate([x, x[:1]])


CASES = {
    "a shallow softplus network": (*drawn(20, [4, 22, 1]), FULL, "residual"),
    "a deep one": (*drawn(20, [4, 6, 5, 22, 1]), FULL, "residual"),
    "one sample": (*drawn(1, [4, 2, 1]), FULL, "residual"),
    "n − 1 units and the ones": (*drawn(9, [4, 8, 1]), FULL, "residual"),
    "n − 2 units": (*drawn(9, [4, 7, 1]), DEFICIENT, "count"),
    "a sample twice": (drawn(9, [4, 12, 1])[0], twice(drawn(9, [4, 12, 1])[1]), DEFICIENT, "duplicate samples"),
    "a narrow smooth network": (*drawn(16, [2, 1, 18, 1], zeta=1.0), FULL, "ball arithmetic"),
    "a linear network": (*drawn(9, [2, 12, 12, 1], "linear"), DEFICIENT, "rational null vector"),
    "a linear network of few samples": (*drawn(3, [2, 5, 1], "linear"), FULL, "residual"),
    "a ReLU network": (*drawn(8, [2, 9, 1], "relu", entropy=1), DEFICIENT, "rational null vector"),
    "repeated units": (repeated(drawn(9, [4, 12, 1])[0]), drawn(9, [4, 12, 1])[1], DEFICIENT, "repeated units"),
    "a first layer of zeros": (collapsed(drawn(9, [4, 5, 12, 1])[0]), drawn(9, [4, 5, 12, 1])[1], DEFICIENT,
                               "coinciding rows"),
    "a ResNet with a block a stage": (resnet(ONE_BLOCK_A_STAGE, 30), images(30), FULL, "residual"),
    "18 layers with silent residuals": (silenced(30), images(30), FULL, "residual"),
    "18 layers": (resnet(EIGHTEEN_LAYERS, 12, 2), images(12, 4), FULL, "ball arithmetic"),
}  # fmt: skip


@pytest.mark.parametrize("module, data, verdict, rung", CASES.values(), ids=CASES)
def test_a_network_gets_its_verdict_by_its_rung(
    module: nn.Module, data: np.ndarray, verdict: RankVerdict, rung: str
) -> None:
    result = certified_rank(module, data)
    assert result.certificate, result.reason
    assert (result.verdict, result.certificate.rung) == (verdict, rung), result.reason


@pytest.mark.parametrize(
    "n, widths, scope, verdict",
    [
        (9, [4, 1, 8, 1], "some weights", FULL),
        (9, [4, 1, 7, 1], "some weights", DEFICIENT),
        (400, [3, 1, 1, 399, 1], "some weights", FULL),
    ],
)
def test_some_weights_are_decided_by_the_structure(n: int, widths: list[int], scope: str, verdict: RankVerdict) -> None:
    result = certified_rank(*drawn(n, widths, zeta=1.0), scope=scope)
    assert result.verdict is verdict
    assert result.certificate
    assert result.certificate.rung == {FULL: "structural", DEFICIENT: "count"}[verdict]


def test_what_is_deficient_at_these_weights_may_be_full_at_others() -> None:
    module, x = drawn(8, [2, 9, 1], "relu", entropy=1)
    assert certified_rank(module, x).verdict is DEFICIENT
    assert certified_rank(module, x, scope="some weights").verdict is FULL


def test_shared_weights_have_no_structural_proof() -> None:
    shared = nn.Linear(4, 4, dtype=torch.float64)
    module = nn.Sequential(shared, nn.Tanh(), shared, nn.ReLU(), nn.Linear(4, 1, dtype=torch.float64))
    told = certified_rank(module, np.random.default_rng(0).standard_normal((5, 4)), scope="some weights", effort=0.0)
    assert any("shares weights" in reason for reason in told.tried)


def test_without_a_bias_there_is_no_column_of_ones() -> None:
    module, x = drawn(9, [4, 8, 1])
    assert certified_rank(module, x).verdict is FULL
    assert isinstance(module, nn.Sequential)
    module[-1] = nn.Linear(8, 1, bias=False, dtype=torch.float64)
    certificate = certified_rank(module, x).certificate
    assert certificate
    assert certificate.rung == "count"


def test_float32_weights_are_read_exactly() -> None:
    module, x = drawn(9, [4, 12, 1])
    result = certified_rank(module.float(), x.astype(np.float32))
    assert result.verdict is FULL


def test_effort_bounds_ball_arithmetic() -> None:
    result = certified_rank(*drawn(16, [2, 1, 18, 1], zeta=1.0), effort=0.0)
    assert result.verdict is NONE
    assert "dearer than the effort allows" in result.reason


# -- what cannot be judged -------------------------------------------------------------------------------------------


class Branching(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x if x.sum() > 0 else -x


class Bessel(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = torch.special.bessel_j0(x)
        return out


def ending(*layers: nn.Module) -> nn.Module:
    return nn.Sequential(nn.Linear(4, 6), *layers).double()


def with_nan(x: np.ndarray) -> np.ndarray:
    x[0, 0] = np.nan
    return x


class Two(nn.Linear):
    def __init__(self) -> None:
        super().__init__(4, 1, dtype=torch.float64)

    def forward(self, x: torch.Tensor) -> Any:
        return super().forward(x), x


def with_buffer(value: torch.Tensor) -> nn.Module:
    module = ending(nn.Linear(6, 2))
    module.register_buffer("extra", value)
    return module


X = np.random.default_rng(0).standard_normal((5, 4))
X3 = np.random.default_rng(0).standard_normal((5, 4, 4))
REFUSED = {
    "an end that is not linear": (ending(nn.Linear(6, 2), nn.ReLU()), X, "must end in a linear layer.*ReLU"),
    "mixed dtypes": (
        ending(nn.Linear(6, 2)).float(),
        X,
        "mixed dtypes: data is .*, parameter 0.weight is torch.float32",
    ),
    "NaN in the data": (ending(nn.Linear(6, 2)), with_nan(X.copy()), "data holds NaN"),
    "whole numbers": (ending(nn.Linear(6, 2)), np.ones((5, 4), dtype=int), "data is torch.int64, not of floats"),
    "no samples": (ending(nn.Linear(6, 2)), X[:0], "n ≥ 1"),
    "a branch on the data": (ending(Branching(), nn.Linear(6, 2)), X, "a number is read off values.*at 1 .Branching"),
    "an unknown operator": (ending(Bessel(), nn.Linear(6, 2)), X, "unsupported operator: special_bessel_j0"),
    "an unknown layer": (ending(nn.Hardshrink(), nn.Linear(6, 2)), X, "unsupported operator: hardshrink .at 1 .Hards"),
    "dropout in training": (ending(nn.Dropout(), nn.Linear(6, 2)), X, "draws at random.* at 1 .Dropout"),
    "data of another width": (ending(nn.Linear(6, 2)), X[:, :3], "fails on its inputs"),
    "an image for a matrix": (ending(nn.BatchNorm2d(6), nn.Linear(6, 2)), X, "fails on its inputs"),
    "rows for positions": (ending(nn.Linear(6, 2)), X3, "reads 20 rows for 5 samples"),
    "sparse data": (ending(nn.Linear(6, 2)), torch.tensor(X).to_sparse(), "data is torch.sparse_coo, not dense"),
    "sparse weights": (
        with_buffer(torch.eye(3, dtype=torch.float64).to_sparse()),
        X,
        "buffer extra is torch.sparse_coo, not dense",
    ),
    "complex data": (ending(nn.Linear(6, 2)), X + 0j, "data is torch.complex128; data are real"),
    "complex weights": (with_buffer(torch.ones(1, dtype=torch.complex128)), X, "extra is torch.complex128; complex"),
    "two results": (Two(), X, "returns a tuple"),
    "no module": (lambda x: x, X, "torch.nn.Module is needed"),
    "no array": (ending(nn.Linear(6, 2)), [[1.0], [1.0, 2.0]], "no array of numbers"),
    "lazy weights": (nn.Sequential(nn.LazyLinear(3), nn.Linear(3, 1)), X, "parameter 0.weight has no shape yet"),
}


@pytest.mark.filterwarnings("ignore:Lazy modules")
@pytest.mark.parametrize("module, data, reason", REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_judged_is_told_in_one_line(
    module: Callable[..., Any] | nn.Module, data: list[list[float]] | np.ndarray | torch.Tensor, reason: str
) -> None:
    result = certified_rank(module, data)
    assert result.verdict is NONE
    assert result.certificate is None
    assert "\n" not in result.reason
    assert re.search(reason, result.reason), result.reason


def test_another_scope_is_an_error() -> None:
    with pytest.raises(ValueError, match="all weights"):
        certified_rank(ending(nn.Linear(6, 2)), X, scope="all weights")
