"""What a battery is, and running one without pytest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lazy_assay.theory._catalogue import one_line


class Battery:
    """Methods that begin with `test_` are its tests; they take no arguments and raise AssertionError."""


@dataclass(frozen=True)
class Finding:
    """One test of a battery on one subject; `fault` is one line, empty where it passed."""

    subject: str
    test: str
    fault: str = ""


def findings(battery: Battery, subject: str) -> Iterator[Finding]:
    """Every test of a battery, run."""
    for name in dir(battery):
        if not name.startswith("test_"):
            continue
        try:
            getattr(battery, name)()
        except Exception as error:
            # Whatever an author's formula or simulation raises is a finding about it.
            kind = "" if isinstance(error, AssertionError) else f"{type(error).__name__}: "
            yield Finding(subject, _sentence(name), f"{kind}{one_line(error)}")
        else:
            yield Finding(subject, _sentence(name))


def _sentence(name: str) -> str:
    return name.removeprefix("test_").replace("_", " ")
