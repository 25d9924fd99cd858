import numpy as np
import pytest
from scipy.optimize import linprog

from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.movement import binary_classification


def labelled(kind: str, trials: int = 5, n: int = 100, d: int = 10) -> tuple[np.ndarray, np.ndarray]:
    stream = Stream(3)
    x = stream.normal(trials, n, d)
    return x.numpy(), binary_classification._labels(stream, x, kind).numpy()


def separated(x: np.ndarray, y: np.ndarray) -> bool:
    """Whether some w has y_i⟨w, x_i⟩ ≥ 1 for all i."""
    found = linprog([0.0] * x.shape[1], A_ub=-y[:, None] * x, b_ub=[-1.0] * len(x), bounds=(None, None))
    return bool(found.status == 0)


@pytest.mark.parametrize("kind, separable", [("linear", True), ("balanced", False), ("xor", False)])
def test_labels_are_separable_as_they_are_said_to_be(kind: str, separable: bool) -> None:
    x, y = labelled(kind)
    assert [separated(points, signs) for points, signs in zip(x, y, strict=True)] == [separable] * len(x)


def test_balanced_labels_are_of_either_kind_equally_often() -> None:
    _, y = labelled("balanced")
    assert (y.sum(axis=1) == 0).all()


def test_another_labelling_is_an_error() -> None:
    with pytest.raises(ValueError, match="labelling is balanced, linear or xor, not 'odd'"):
        labelled("odd")
