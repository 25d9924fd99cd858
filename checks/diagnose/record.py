"""What a diagnosis says: its lines, and what they come to."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from lazy_assay.checks.expect import Refused, Undecided, Wrong
from lazy_assay.sims.diagnosis import HELD_OUT, PARTS

Verdict = Literal["lazy", "not lazy", "undecided"]
Interval = tuple[float, float]


@dataclass(frozen=True)
class Line:
    """One thing that is said: the median over `seeds` networks and its interval, or a refusal in one line.

    sentence: what it says, in words.
    """

    name: str
    value: float | None
    interval: Interval | None
    seeds: int
    sentence: str
    refusal: str = ""

    def __str__(self) -> str:
        if self.refusal or self.value is None or self.interval is None:
            return f"{self.name}: not said: {self.refusal}"
        low, high = self.interval
        return f"{self.name}: {self.value:.3g}, between {low:.3g} and {high:.3g}: {self.sentence}"


@dataclass(frozen=True)
class Diagnosis:
    """All lines. within: the departure up to which a network is called lazy. miss: the error rate of each interval."""

    lines: tuple[Line, ...]
    within: float
    miss: float

    def __getitem__(self, name: str) -> Line:
        """The line of that name. Raises KeyError."""
        for line in self.lines:
            if line.name == name:
                return line
        raise KeyError(f"no line is called {name!r}; there are {', '.join(line.name for line in self.lines)}")

    @property
    def verdict(self) -> Verdict:
        """Lazy where more networks than not depart from their tangent model by less than `within`."""
        interval = next((line.interval for line in self.lines if line.name == "departure"), None)
        if interval is None:
            return "undecided"
        return "lazy" if interval[1] <= self.within else "not lazy" if interval[0] > self.within else "undecided"

    @property
    def cause(self) -> str:
        """The part that makes up more than half of the distance to the tangent model's limit, or "undecided"."""
        return self._cause("share of ")

    @property
    def cause_held_out(self) -> str:
        """The same at the held-out points."""
        return self._cause("held-out share of ")

    def _cause(self, words: str) -> str:
        for line in self.lines:
            if line.name.startswith(words) and line.interval is not None and line.interval[0] > 1 / 2:
                return line.name.removeprefix(words)
        return "undecided"

    def require(self, verdict: Verdict = "lazy", *, cause: str | None = None, held_out: bool = False) -> None:
        """For tests: raises expect.Wrong, an AssertionError, where it is another; expect.Undecided, which is none.

        cause: one of the four parts, at the held-out points where `held_out` is true. Raises Refused for another word.
        """
        __tracebackhide__ = True
        if verdict not in ("lazy", "not lazy") or (cause is not None and cause not in PARTS):
            raise Refused(f"verdict: lazy or not lazy; cause: one of {', '.join(PARTS)}; got {verdict!r}, {cause!r}")
        found: list[tuple[str, str]] = [(self.verdict, verdict)]
        if cause is not None:
            found.append((self.cause_held_out if held_out else self.cause, cause))
        if any(it not in ("undecided", asked) for it, asked in found):
            raise Wrong(self)
        if any(it == "undecided" for it, _ in found):
            raise Undecided(self)

    def __str__(self) -> str:
        held_out = any(line.name.startswith(HELD_OUT) for line in self.lines)
        further = f"; at the held-out points mostly by: {self.cause_held_out}" if held_out else ""
        head = (
            f"diagnose: {self.verdict} (departure within {self.within:g}); far from the limit mostly by:"
            f" {self.cause}{further}"
        )
        return "\n".join([head, *(f"  {line}" for line in self.lines)])

    def as_json(self) -> dict[str, Any]:
        """Plain data: what `assay diagnose --json` prints."""
        lines = [asdict(line) | {"interval": _strings(line.interval)} for line in self.lines]
        return {
            "verdict": self.verdict,
            "cause": self.cause,
            "cause held out": self.cause_held_out,
            "within": self.within,
            "miss": self.miss,
            "lines": lines,
        }


def _strings(interval: Interval | None) -> list[str] | None:
    # JSON has no infinity.
    return None if interval is None else [str(end) for end in interval]
