from __future__ import annotations

import io
import pickle
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from lazy_assay.checks.ledger import FolderStore


class Bomb:
    """Unpickled, it writes a file."""

    def __reduce__(self) -> Any:
        return Path.touch, (Path("pwn"),)


def test_mutated_draws_are_absent_and_computed_again(
    rng: random.Random, spoil: Callable[..., bytes], harmless: Callable[..., Any], tmp_path: Path
) -> None:
    store, draws = FolderStore(tmp_path / "draws"), np.array([[0.1, np.nan], [1 / 3, -0.0]])
    store.save("abcdef", draws)
    (path,) = (tmp_path / "draws").rglob("*.npy")
    whole = path.read_bytes()
    for _ in range(5):
        path.write_bytes(spoil(whole, rng))
        with harmless():
            found = store.load("abcdef")
        assert found is None or path.read_bytes() == whole
        store.save("abcdef", draws)
        again = store.load("abcdef")
        assert again is not None
        assert again.tobytes() == draws.tobytes()


def test_a_pickle_in_the_place_of_draws_is_not_loaded_though_its_seal_fits(
    harmless: Callable[..., Any], tmp_path: Path
) -> None:
    from lazy_assay.checks.ledger import _draws

    array = io.BytesIO()
    np.save(array, np.array([Bomb()], dtype=object), allow_pickle=True)
    (tmp_path / "draws" / "ab").mkdir(parents=True)
    for body in (array.getvalue(), pickle.dumps(Bomb())):
        (tmp_path / "draws" / "ab" / "abcdef.npy").write_bytes(body + _draws._seal("abcdef", body))
        with harmless():
            assert FolderStore(tmp_path / "draws").load("abcdef") is None
    assert not Path("pwn").exists()
