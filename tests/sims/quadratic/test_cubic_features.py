"""Features that are all cubic, against tensors written out, and a law that needs weights of no direction."""

import itertools
import math

import numpy as np
import pytest
from torch import Tensor

from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.quadratic import cubic_features
from lazy_assay.sims.quadratic.cubic_features import captured_cubics

d, N = 4, 3
FIRST, VECTOR, REST = range(3)


def symmetric(*vectors: np.ndarray) -> np.ndarray:
    orders = itertools.permutations(vectors)
    return np.asarray(np.mean([np.einsum("i,j,k->ijk", *order) for order in orders], axis=0))


def tensors(u: np.ndarray, model: str) -> np.ndarray:
    if model == "features":
        return np.stack([symmetric(w, w, w) for w in u])
    return np.stack([symmetric(w, w, e) for w in u for e in np.eye(d)])


@pytest.fixture(params=["features", "tangent"])
def model(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_the_shares_are_those_of_tensors_projected_one_by_one(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[np.ndarray] = []
    shares = cubic_features._features if model == "features" else cubic_features._tangent

    def seen(u: Tensor) -> Tensor:
        drawn.append(u.numpy())
        return shares(u)

    monkeypatch.setattr(cubic_features, shares.__name__, seen)
    found = captured_cubics(d=d, N=N, model=model, trials=3, entropy=1).numpy()
    e = np.eye(d)
    vector = np.sum([symmetric(e[0], each, each) for each in e], axis=0)
    targets = np.stack([symmetric(e[0], e[0], e[0]), vector / np.linalg.norm(vector)]).reshape(2, -1)
    for u, row in zip(drawn[0], found, strict=True):
        basis = np.linalg.qr(tensors(u, model).reshape(-1, d**3).T)[0]
        assert np.square(targets @ basis).sum(1) == pytest.approx(row[:REST])


def test_features_that_span_all_cubics_capture_both_targets() -> None:
    found = captured_cubics(d=3, N=10, model="features", trials=8, entropy=2).numpy()
    assert found[:, [FIRST, VECTOR]] == pytest.approx(1.0, abs=1e-6)


def test_the_exact_mean_fails_for_weights_of_one_direction_more_than_others(monkeypatch: pytest.MonkeyPatch) -> None:
    def off() -> float:
        found = captured_cubics(d=d, N=N, model="features", trials=4000, entropy=3)[:, REST].numpy()
        return float(abs(found.mean() - 6 * N / (d * (d + 2) * (d + 4))) / found.std() * math.sqrt(len(found)))

    assert off() < 5
    normal = Stream.normal

    def stretched(stream: Stream, *shape: int) -> Tensor:
        drawn = normal(stream, *shape)
        return drawn * drawn.new_tensor([2.0, 1.0, 1.0, 1.0])

    monkeypatch.setattr(Stream, "normal", stretched)
    assert off() > 10


def test_another_model_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="no model 'both'; there are features, tangent"):
        captured_cubics(d=d, N=N, model="both", trials=1, entropy=0)
