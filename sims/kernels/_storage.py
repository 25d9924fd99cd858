"""Where a kernel matrix lies: in memory, or in a folder of .npy files that are there once they are whole."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.kernels._errors import KernelError

if TYPE_CHECKING:
    from torch import Tensor


class Store:
    """Matrices by name; with a folder each is the file NAME.npy, written in place as NAME.npy.partial.

    What is in a folder takes no room in a memory limit: the system keeps as much of it in memory as it can spare.
    """

    def __init__(self, folder: Any, names: tuple[str, ...], device: Any) -> None:
        """Raises KernelError for a folder that cannot be, or that holds such files."""
        self._device = device
        self._unfinished: list[Path] = []
        self._folder = None if folder is None else _folder(folder)
        if self._folder is not None:
            for name in names:
                if (self._folder / f"{name}.npy").exists():
                    raise KernelError(f"{self._folder / name}.npy is there already: name another folder, or move it")

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        """Takes away what was not finished."""
        for path in self._unfinished:
            path.unlink(missing_ok=True)

    @property
    def on_disk(self) -> bool:
        """Whether there is a folder."""
        return self._folder is not None

    def matrix(self, name: str, shape: tuple[int, ...], dtype: Any) -> Tensor:
        """Zeros, to be filled. Raises KernelError where the disk has no room for them."""
        if self._folder is None:
            return torch.zeros(shape, dtype=dtype, device=self._device)
        path = self._folder / f"{name}.npy.partial"
        self._unfinished.append(path)
        kind = np.float64 if dtype == torch.float64 else np.float32
        try:
            whole = np.lib.format.open_memmap(path, mode="w+", dtype=kind, shape=shape)
            _reserve(path)
        except OSError as error:
            raise KernelError(f"{path} cannot be written: {error.strerror or error}") from error
        return torch.from_numpy(whole)

    def finished(self, name: str, matrix: Tensor) -> Tensor:
        """The matrix as its reader gets it: one on disk is mapped, and what is written into it stays in memory."""
        if self._folder is None:
            return matrix
        path = self._folder / f"{name}.npy"
        os.replace(f"{path}.partial", path)
        return torch.from_numpy(np.load(path, mmap_mode="c"))


def _folder(folder: Any) -> Path:
    try:
        path = Path(folder)
        path.mkdir(parents=True, exist_ok=True)
    except (TypeError, OSError) as error:
        raise KernelError(f"folder={folder!r} cannot be a folder: {error}") from error
    return path


def _reserve(path: Path) -> None:
    """All blocks of a file, so that a full disk is an error now and no signal later."""
    if hasattr(os, "posix_fallocate"):
        with path.open("r+b") as file:
            os.posix_fallocate(file.fileno(), 0, path.stat().st_size)
