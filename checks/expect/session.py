"""Who may spend how much of a session's false-alarm rate, and on which seeds.

The rate is divided by a number of checks that is declared once. So the level of a check depends neither on which
others run (`-k`), nor in which order, nor in which process (`-n`). A check is a place in the code of a test. Where it
is reached more than once (a loop, a search by Hypothesis), its j-th new case gets 1/(j(j+1)) of its level; these sum
to one, and the noise of a case is a function of the case alone, so whatever a search does with earlier answers, the
rate of the check holds. A case that comes again, as shrinking and reruns make it, gets the same seeds and the same
level, hence the same answer.
"""

from __future__ import annotations

import hashlib
import sys
from dataclasses import dataclass, field
from types import FrameType, TracebackType

from lazy_assay.checks.expect.outcome import Outcome, Refused, Undecided, Wrong
from lazy_assay.checks.expect.searches import Example, example_in_progress

_MACHINERY = __name__.rpartition(".")[0]
_SEEDS = 2**32  # what every generator takes: numpy's old ones no more


@dataclass(frozen=True)
class Place:
    """One check at one case: its level, and its seeds by stage."""

    node: str
    site: str
    key: str
    level: float
    entropy: int
    searching: bool = False

    def seed(self, stage: str) -> int:
        """A whole number in [0, 2^32), a function of entropy, test, place, case and stage."""
        text = "\0".join((str(self.entropy), self.node, self.site, self.key, stage))
        return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big") % _SEEDS


@dataclass
class Session:
    """What is declared once for all checks of a session, and what they came to.

    false_alarm: probability that a session whose claims are all right calls any wrong. checks: how many there are at
    most. miss: probability for one check that what is off by its resolution is not called wrong. entropy: fixes every
    seed. budget: draws of one check at most. raises: whether what is not right raises; else the outcome is returned.
    Use it as a context (`with expect.Session(...):`); pytest's plugin does so with what the project's ini declares.
    Raises ValueError for rates outside (0, 1), and Refused from the check after the last declared one (pytest's
    plugin lets them run, and fails the session).
    """

    false_alarm: float = 1e-4
    checks: int = 200
    miss: float = 1e-3
    entropy: int = 0
    budget: int = 2**20
    raises: bool = True
    strict_count: bool = True
    outcomes: list[Outcome] = field(default_factory=list, repr=False)
    seen: dict[tuple[str, str], dict[str, int]] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        for name in ("false_alarm", "miss"):
            if not 0 < getattr(self, name) < 1:
                raise ValueError(f"{name} must lie strictly between 0 and 1, got {getattr(self, name)!r}")
        for name in ("checks", "budget"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, got {getattr(self, name)!r}")
        self._node = ""
        self._calls: dict[str, int] = {}
        self._example: Example | None = None

    def begin(self, node: str) -> None:
        """A test begins, or begins again: its calls are counted from the first."""
        self._node, self._calls, self._example = node, {}, None

    def place(self, case: object = None) -> Place:
        """Where the check stands that is being made, and what it may spend."""
        site, module = _site()
        node = self._node or module
        example = example_in_progress()
        cases = self.seen.setdefault((node, site), {})
        if self.strict_count and len(self.seen) > self.checks:
            del self.seen[node, site]
            raise Refused(f"this is check {self.checks + 1} of a session that declares checks={self.checks}")
        key = self._key(site, case, example)
        rank = cases.setdefault(key, len(cases) + 1)
        level = self.false_alarm / self.checks / (rank * (rank + 1))
        return Place(node, site, key, level, self.entropy, example is not None)

    def settle(self, outcome: Outcome, place: Place) -> Outcome:
        """Keep the outcome, and raise what is not right. A search goes on past an example that it cannot decide."""
        __tracebackhide__ = True
        self.outcomes.append(outcome)
        if self.raises and outcome.verdict == "wrong":
            raise Wrong(outcome)
        if self.raises and outcome.verdict == "undecided" and not place.searching:
            raise Undecided(outcome)
        return outcome

    def _key(self, site: str, case: object, example: Example | None) -> str:
        if case is not None:
            if " at 0x" in repr(case):
                raise Refused(f"case={case!r} does not say what it is: give one whose repr does, a tuple of numbers")
            return f"case {case!r}"
        if example is not None and (self._example is None or example.identity is not self._example.identity):
            # The explicit examples of a test have no choices to tell them apart: they are counted on.
            if example.choices:
                self._calls = {}
            self._example = example
        call = self._calls[site] = self._calls.get(site, 0) + 1
        return f"{example.choices if example else ''} call {call}"

    def __enter__(self) -> Session:
        _OPEN.append(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _OPEN.remove(self)


_OPEN: list[Session] = []


def current() -> Session:
    """The session that is open; outside pytest and any `with`, one of the defaults for as long as the process lasts."""
    return _OPEN[-1] if _OPEN else Session().__enter__()


def _site() -> tuple[str, str]:
    """The place that calls, as function and line in it, which an edit elsewhere leaves alone; and its module."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and str(frame.f_globals.get("__name__", "")).startswith(_MACHINERY):
        frame = frame.f_back
    if frame is None:
        return "?", "?"
    code = frame.f_code
    # A lambda begins where it stands: its line alone tells it from others.
    line = frame.f_lineno - (0 if code.co_name == "<lambda>" else code.co_firstlineno)
    return f"{code.co_qualname}+{line}", str(frame.f_globals.get("__name__", "?"))
