from __future__ import annotations

import builtins
import gzip
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

import numpy as np
import pytest

from lazy_assay.checks.configurations import datasets
from lazy_assay.checks.configurations.datasets import (
    DIRECTORY,
    DataAbsentError,
    check_directory,
    load,
    projected,
    subset,
)
from lazy_assay.checks.engine.perform import run
from lazy_assay.checks.vocabulary.check import Task
from lazy_assay.checks.vocabulary.context import Context
from lazy_assay.checks.vocabulary.result import Verdict
from lazy_assay.theory import InvalidParameterError, Limit, PointSet, Vector, materialise

DOMAINS: dict[str, Any] = {
    "points": PointSet("n", "d", unit=True), "centres": PointSet("c", "d", unit=True), "labels": Vector("n"),
    "coefficients": Vector("c"),
}  # fmt: skip
KNOWN = {"digits": (1797, 64, 10), "mnist5k": (5000, 784, 10), "classification": (2000, 100, 2)}


@pytest.fixture
def forget() -> Iterator[None]:
    """Loads of this test alone: what another kept is read again."""
    datasets._loaded.cache_clear()
    yield
    datasets._loaded.cache_clear()


@pytest.fixture
def files(tmp_path: Path) -> Callable[..., Any]:
    """A folder with three images of MNIST's format, written by hand; `pack` says how."""

    def write(pack: Callable[..., Any] = lambda raw: raw, suffix: str = "") -> Path:
        pixels = np.arange(3 * 28 * 28, dtype=np.uint32).astype(np.uint8)
        images = struct.pack(">IIII", 2051, 3, 28, 28) + pixels.tobytes()
        classes = struct.pack(">II", 2049, 3) + bytes([4, 0, 9])
        (tmp_path / f"train-images-idx3-ubyte{suffix}").write_bytes(pack(images))
        (tmp_path / f"train-labels-idx1-ubyte{suffix}").write_bytes(pack(classes))
        return tmp_path

    return write


@pytest.mark.parametrize("name", KNOWN)
def test_data_sets_that_ship_in_packages_have_their_known_sizes(name: str) -> None:
    data, (n, d, classes) = load(name), KNOWN[name]
    assert data.inputs.shape == (n, d)
    assert sorted(set(data.classes)) == list(range(classes))
    assert np.isfinite(data.inputs).all()


def test_a_subset_is_fixed_by_its_seed_and_holds_different_images() -> None:
    first, again, other = subset("digits", 50, 1), subset("digits", 50, 1), subset("digits", 50, 2)
    assert np.array_equal(first.inputs, again.inputs)
    assert not np.array_equal(first.inputs, other.inputs)
    assert len(np.unique(subset("digits", 1797, 0).inputs, axis=0)) == len(np.unique(load("digits").inputs, axis=0))


def test_projected_images_keep_their_norms_in_all_dimensions_and_lose_little_in_half() -> None:
    whole, half = projected("digits", 40, 64, 3), projected("digits", 40, 32, 3)
    assert half.inputs.shape == (40, 32)
    shares = (half.inputs**2).sum(1) / (whole.inputs**2).sum(1)
    assert 0.9 < shares.min() <= shares.max() <= 1 + 1e-12


@pytest.mark.parametrize("ask", [lambda: subset("digits", 5000, 0), lambda: projected("digits", 5, 65, 0)])
def test_more_than_there_is_is_an_error(ask: Callable[..., Any]) -> None:
    with pytest.raises(ValueError, match=r"^digits has (1797 images|64 dimensions), \d+ are asked for$"):
        ask()


def test_an_unknown_data_set_names_those_there_are() -> None:
    with pytest.raises(ValueError, match="no data set is called 'cifar'; there are digits"):
        load("cifar")


@pytest.mark.parametrize("pack, suffix", [(lambda raw: raw, ""), (gzip.compress, ".gz")])
def test_a_users_own_files_are_read_plain_or_compressed(
    files: Callable[..., Any], pack: Callable[..., Any], suffix: str, monkeypatch: pytest.MonkeyPatch, forget: None
) -> None:
    monkeypatch.setenv(DIRECTORY, str(files(pack, suffix)))
    data = load("mnist")
    assert data.inputs.shape == (3, 784)
    assert data.inputs[0, 255] == 1.0
    assert list(data.classes) == [4, 0, 9]


def test_no_folder_says_how_to_name_one(monkeypatch: pytest.MonkeyPatch, forget: None) -> None:
    monkeypatch.delenv(DIRECTORY, raising=False)
    with pytest.raises(DataAbsentError, match="--data-dir"):
        load("mnist")


def test_an_empty_folder_says_what_it_lacks(tmp_path: Path) -> None:
    with pytest.raises(DataAbsentError, match="holds neither train-images-idx3-ubyte nor"):
        check_directory(str(tmp_path))


@pytest.mark.parametrize("cut", [3, 9, 200])
def test_a_file_that_is_cut_off_is_an_error_in_one_line(files: Callable[..., Any], cut: int) -> None:
    path = files() / "train-images-idx3-ubyte"
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(ValueError, match="is not a whole IDX file") as raised:
        check_directory(str(path.parent))
    assert "\n" not in str(raised.value)


def test_a_package_that_is_not_installed_is_told_with_its_remedy(monkeypatch: pytest.MonkeyPatch, forget: None) -> None:
    found = builtins.__import__

    def without(name: str, *rest: Any) -> ModuleType:
        if name.startswith("sklearn"):
            raise ImportError(name)
        return found(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(
        DataAbsentError, match=r"scikit-learn, which is not installed; pip install 'lazy-assay\[data\]'"
    ):
        load("digits")


def test_a_check_whose_data_are_absent_was_not_run(context: Callable[..., Context], part: Limit) -> None:
    def absent(context: Context) -> NoReturn:
        raise DataAbsentError("data set mnist needs your own files")

    task = Task(claim=context().claim, part=part, name="images", run=absent)
    found = run(task, context())
    assert [(r.verdict, r.message) for r in found] == [(Verdict.NOT_RUN, "data set mnist needs your own files")]


def test_named_points_labels_and_coefficients_become_arrays_of_the_named_sizes() -> None:
    told: dict[str, Any] = {
        "d": 5,
        "n": 7,
        "c": 3,
        "points": "sphere:1",
        "centres": "cube:2",
        "coefficients": "gaussian:0",
    }
    values = materialise({**told, "labels": "signs:4"}, DOMAINS)
    assert values["points"].shape == (7, 5)
    assert np.linalg.norm(values["points"], axis=1) == pytest.approx(1)
    assert values["centres"].shape == (3, 5)
    assert values["coefficients"].shape == (3,)
    assert sorted(values["labels"]) == [-1, -1, -1, 1, 1, 1, 1]


@pytest.mark.parametrize("name, text", [("points", "torus:1"), ("labels", "letters:1"), ("coefficients", "sphere:1")])
def test_an_unknown_family_names_those_there_are(name: str, text: str) -> None:
    with pytest.raises(InvalidParameterError, match=f"{name} must be named, one of .*, got '{text}'"):
        materialise({"d": 2, "n": 3, "c": 2, name: text}, DOMAINS)


@pytest.mark.parametrize("family, n", [("cross", 12), ("vertices", 16)])
def test_whole_cubes_and_cross_polytopes_are_isotropic_and_symmetric(family: str, n: int) -> None:
    d = 6 if family == "cross" else 4
    points = PointSet("n", "d").make(family, {"n": n, "d": d})
    np.testing.assert_allclose(points.T @ points / n, np.eye(d) / d, atol=1e-15)
    assert {tuple(x) for x in points} == {tuple(0.0 - x) for x in points}
