"""The version of a simulation's code: a hash of tokens, so that comments, docstrings and layout do not count."""

from __future__ import annotations

import ast
import functools
import hashlib
import importlib.util
import inspect
import io
import sys
import tokenize
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

# `sims/__init__.py` and its like gather the names of the house and compute nothing.
_FACES = ("lazy_assay.sims", "lazy_assay.theory", "lazy_assay.checks")
# What simulations are made of stands behind this one: a name that comes from it is followed to its home.
_OWN_FACE = _FACES[0]
# Installed collections of claims; those that are folders are imported inside our own package.
_COLLECTIONS = "assay.collections"
_LAYOUT = {tokenize.COMMENT, tokenize.NL, tokenize.ENCODING, tokenize.ENDMARKER}
_OPENING = {tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT}


def code_version(simulate: Callable[..., Any]) -> str:
    """A hash of the simulation's module and of all that it imports in the house and in collections, however indirectly.

    A simulation that stands in `checks` may compute with `theory`, and an edit there must not meet stored draws. The
    version is part of their address alone: the noise comes from keys that know nothing of it.
    """
    return _version_of(inspect.unwrap(simulate).__module__)


@functools.cache
def _version_of(module: str) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for name in sorted(_reached(module)):
        # A module counts by its name inside our packages and by its code alone elsewhere: `__main__` has other names.
        label = name if _ours(name) else ""
        digest.update(f"{label}\n{token_text(_source(name))}\n".encode())
    return digest.hexdigest()


def _reached(module: str) -> set[str]:
    found: set[str] = set()
    frontier = [module]
    while frontier:
        name = frontier.pop()
        if name not in found:
            found.add(name)
            frontier += imports_inside(_source(name), _package(name))
    return found - set(_FACES)


def imports_inside(source: str, package: str = "lazy_assay.sims") -> list[str]:
    """Our modules that this source imports, anywhere in it; relative imports count from `package`."""
    names: list[str] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = importlib.util.resolve_name("." * node.level + (node.module or ""), package)
            names += [base, *(f"{base}.{alias.name}" for alias in node.names)]
            if base == _OWN_FACE:
                names += [_homes()[alias.name] for alias in node.names if alias.name in _homes()]
    return [name for name in names if _ours(name) and _is_module(name)]


@functools.cache
def _homes() -> dict[str, str]:
    """The modules that the names of the simulations' face come from."""
    nodes = ast.parse(_source(_OWN_FACE)).body
    imports = [node for node in nodes if isinstance(node, ast.ImportFrom) and node.module]
    return {alias.name: str(node.module) for node in imports for alias in node.names}


def _ours(name: str) -> bool:
    return name.startswith(tuple(f"{package}." for package in _followed()))


@functools.cache
def _followed() -> tuple[str, ...]:
    """The packages whose modules are part of a version: the house's, and every collection's."""
    installed = (point.module for point in metadata.entry_points(group=_COLLECTIONS))
    return (*_FACES, "lazy_assay.collections", *installed)


def _package(module: str) -> str:
    """The package that a module's relative imports count from: its own name, for a package."""
    known = sys.modules.get(module)
    if known is not None:
        return known.__package__ or ""
    spec = importlib.util.find_spec(module)
    return (spec.parent or "") if spec else ""


def _is_module(name: str) -> bool:
    """False for `sims.core.torch.torch`: a name in a module is not a module."""
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False


def _source(module: str) -> str:
    path = getattr(sys.modules.get(module), "__file__", None)
    if path is None:
        spec = importlib.util.find_spec(module)
        path = spec.origin if spec else None
    if path is None:
        raise TypeError(f"module {module!r} has no source file: a simulation must be importable to be addressed")
    return Path(path).read_text(encoding="utf-8")


def token_text(source: str) -> str:
    """The source's tokens, one a line, without comments, docstrings, blank lines and the width of indentation."""
    return "\n".join(_significant(source))


def _significant(source: str) -> Iterator[str]:
    tokens = [t for t in tokenize.generate_tokens(io.StringIO(source).readline) if t.type not in _LAYOUT]
    opening = dropped = False
    for token, following in zip(tokens, [*tokens[1:], None], strict=True):
        # A string that is a whole statement, and the end of its line, compute nothing.
        starts = opening or token is tokens[0]
        bare = starts and token.type == tokenize.STRING and (following is None or following.type == tokenize.NEWLINE)
        if not bare and not dropped:
            yield tokenize.tok_name[token.type] if token.type in _OPENING else token.string
        opening, dropped = token.type in _OPENING, bare
