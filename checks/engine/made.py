"""What made a result: code, libraries, profile, entropy and device. A resumed run takes no result of another make."""

from __future__ import annotations

import functools
import hashlib
from importlib import metadata
from typing import Any

from lazy_assay.theory._catalogue import Collection, catalogue

# What computes: another release of one of these may change a bit of a draw, a search or a formula.
LIBRARIES = ("torch", "numpy", "scipy", "sympy", "hypothesis", "python-flint")


def made(profile: str, entropy: int, device: str) -> dict[str, Any]:
    """The mark that every finished item carries; items with equal marks may stand in one run."""
    return {
        "code": code_digest(tuple(catalogue().collections)),
        "profile": profile,
        "entropy": entropy,
        "device": device,
    }


@functools.cache
def code_digest(collections: tuple[Collection, ...]) -> str:
    """A hash of every source file of the collections and of the libraries' versions: coarse, and never too fine."""
    digest = hashlib.blake2b(digest_size=16)
    for name in LIBRARIES:
        digest.update(f"{name} {version(name)}\n".encode())
    for it in collections:
        for folder in ("theory", "sims", "checks"):
            for path in sorted((it.folder / folder).rglob("*.py")):
                digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def version(package: str) -> str:
    """The installed version of a package, or that it is not installed."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"
