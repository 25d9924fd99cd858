"""Which example of a Hypothesis search is being tried. Hypothesis is never imported here."""

from __future__ import annotations

import hashlib
import sys
from dataclasses import dataclass
from typing import Any

from lazy_assay.checks.expect.outcome import Refused


@dataclass(frozen=True)
class Example:
    """identity: an object that this execution of the test has to itself. choices: a digest of what was drawn so far."""

    identity: Any
    choices: str


def example_in_progress() -> Example | None:
    """The example, or None outside `@given`.

    An example that is tried again (shrinking, replay) makes the same choices, so it is the same case.
    """
    hypothesis = sys.modules.get("hypothesis")
    if hypothesis is None or not hypothesis.currently_in_test_context():
        return None
    try:
        data = sys.modules["hypothesis.control"].current_build_context().data
        choices = data.choices
    except (AttributeError, KeyError):
        raise Refused("this version of Hypothesis hides its choices: say which case is judged, case=…") from None
    digest = hashlib.blake2b(repr(choices).encode(), digest_size=8).hexdigest() if choices else ""
    return Example(data, digest)
