"""A reader's own module, named on the command line: what it holds."""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any

import click


def loaded(factory: str) -> tuple[Any, Any]:
    """The module of MODULE:FACTORY, and the factory. Raises UsageError, one line."""
    name, _, attribute = factory.partition(":")
    if not name or not attribute:
        raise click.UsageError(f"{factory}: name a module and what makes a network, as networks:model.")
    sys.path.append(os.getcwd())  # last: nothing of the folder stands in for a library
    try:
        module = importlib.import_module(name)
    except Exception as error:  # a reader's module may raise anything
        raise click.UsageError(f"{name} cannot be imported ({type(error).__name__}: {error}).") from None
    finally:
        sys.path.pop()
    return module, named(module, attribute)


def named(module: Any, name: str) -> Any:
    """What the module holds under that name. Raises UsageError."""
    if not hasattr(module, name):
        raise click.UsageError(f"{module.__name__} has no {name}.")
    return getattr(module, name)


def whole(text: str, option: str) -> tuple[int, ...]:
    """Whole numbers with commas between. Raises UsageError."""
    try:
        return tuple(int(it) for it in text.split(","))
    except ValueError:
        raise click.UsageError(f"{option} {text}: whole numbers with commas between.") from None
