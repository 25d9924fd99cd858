"""Raw draws by content address, one .npy file a batch: a resumed run reads what an interrupted one computed."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lazy_assay.checks.vocabulary import files

# Behind the array, where numpy does not look: a digest of address and array. Draws that were scaled, swapped, cut or
# converted do not fit it.
SEAL = 20


def _seal(address: str, array: bytes) -> bytes:
    return hashlib.blake2b(address.encode() + b"\n" + array, digest_size=SEAL).digest()


@dataclass(frozen=True)
class FolderStore:
    """Draws under `folder`, shared by every worker: a file appears whole or not at all."""

    folder: Path

    def load(self, address: str) -> np.ndarray | None:
        """The draws of that address, or None: what cannot be read, or does not fit its seal, is computed again."""
        try:
            with files.opened(self._path(address)) as file:
                stored = file.read()
            array, seal = stored[:-SEAL], stored[-SEAL:]
            if seal != _seal(address, array):
                return None
            return np.asarray(np.load(io.BytesIO(array), allow_pickle=False))
        except (OSError, ValueError, EOFError):
            return None

    def save(self, address: str, draws: np.ndarray) -> None:
        """Keep draws; two workers that save the same address write the same bits."""
        path = self._made(address)
        half = path.with_suffix(f".{os.getpid()}.tmp")
        array = io.BytesIO()
        np.save(array, draws, allow_pickle=False)
        try:
            half.write_bytes(array.getvalue() + _seal(address, array.getvalue()))
            half.replace(path)
        finally:
            half.unlink(missing_ok=True)

    @contextmanager
    def computing(self, address: str) -> Iterator[None]:
        """Hold an address while its draws are made: another worker that wants them waits here and then loads them.

        The hold of a worker that dies ends with it. Where the system has no such locks nobody waits, and two workers
        may make the same draws.
        """
        path = self._made(address).with_suffix(".lock")
        with files.held(path) as file:
            with suppress(ImportError):
                import fcntl

                fcntl.flock(file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                # Who waits holds the file that is gone, and finds the draws; who comes later finds them first.
                path.unlink(missing_ok=True)

    def discard(self, address: str) -> None:
        """Forget an address: a training's last state but one is of no more use."""
        self._path(address).unlink(missing_ok=True)

    def _made(self, address: str) -> Path:
        """Where an address goes, in a folder that is there. Raises OSError for a link, which is not followed."""
        path = self._path(address)
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.parent.is_symlink():
            raise OSError(None, "it is a link, and is not followed", str(path.parent))
        return path

    def _path(self, address: str) -> Path:
        return self.folder / address[:2] / f"{address}.npy"
