"""Exponents in width with their intervals, held against a table."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from lazy_assay.checks.expect import Refused, Undecided, Wrong
from lazy_assay.checks.scaling.exponents import DERIVED, LAWS, NONE, SLOW, exponent, misfit
from lazy_assay.checks.scaling.tables import TABLES, Span, Table, allowed
from lazy_assay.checks.statistics.sequence import Array
from lazy_assay.sims.scaling import ScalingError, Sizes, measured_sizes

WIDTHS_AT_LEAST, SEEDS_AT_LEAST = 4, 4
Verdict = Literal["right", "wrong", "undecided", "not judged"]
_UNJUDGED: tuple[Verdict, str] = ("not judged", "")


@dataclass(frozen=True)
class Row:
    """One size: its exponent in width, between which numbers it lies, and what the table allows.

    exponent: that of infinite width, where finite ones add a multiple of 1/width to the logarithm (`exponents`).
    interval: at the row's share of the false-alarm rate, whichever of three laws of finite width holds. bend: how
    much steeper the plain slope over these widths is.
    """

    kind: str
    name: str
    step: int
    exponent: float
    interval: tuple[float, float]
    bend: float
    allowed: Span | None
    verdict: Verdict
    reason: str = ""

    def __str__(self) -> str:
        promise = "" if self.allowed is None else f", promised {_span(self.allowed)}"
        why = f" ({self.reason})" if self.reason else ""
        low, high = self.interval
        return (
            f"{self.kind} {self.name} after {self.step} steps: exponent {self.exponent:.2f}, between {low:.2f} and"
            f" {high:.2f}, bend {self.bend:.2f}{promise}: {self.verdict}{why}"
        )


@dataclass(frozen=True)
class Scaling:
    """All rows, the sizes that they were computed from, and what it comes to."""

    rows: tuple[Row, ...]
    sizes: Sizes
    false_alarm: float
    resolution: float

    @property
    def verdict(self) -> Verdict:
        """Wrong where a row is; right where all that are judged are; else undecided."""
        found = {row.verdict for row in self.rows}
        return "wrong" if "wrong" in found else "right" if found - {"not judged"} == {"right"} else "undecided"

    def __str__(self) -> str:
        judged = [row for row in self.rows if row.verdict != "not judged"]
        bad = [row for row in judged if row.verdict == self.verdict] if self.verdict != "right" else []
        widths = ", ".join(map(str, self.sizes.widths))
        head = (
            f"scaling: {self.verdict}: {len(judged)} sizes at widths {widths}, false alarm {self.false_alarm:g} for"
            f" all of them, resolution {self.resolution:g}"
        )
        return "\n".join(
            [head, *(f"  {row}" for row in bad[:12]), *([f"  and {len(bad) - 12} more"] if bad[12:] else [])]
        )

    def require(self) -> None:
        """For tests: raises expect.Wrong, an AssertionError, or expect.Undecided, which is none, unless right."""
        __tracebackhide__ = True
        if self.verdict == "wrong":
            raise Wrong(self)
        if self.verdict != "right":
            raise Undecided(self)


def scaling(
    model: Callable[[int], Any],
    data: tuple[Any, Any],
    *,
    optimiser: Callable[[Any, int], Any],
    widths: Sequence[int] = (16, 32, 64, 128, 256, 512),
    table: str | Table = "mup",
    exceptions: Mapping[str, float | Span] | None = None,
    loss: Callable[[Any, Any], Any] | None = None,
    steps: Sequence[int] = (0, 1, 4),
    seeds: int = 16,
    entropy: int = 0,
    false_alarm: float = 1e-3,
    miss: float = 0.05,
    resolution: float = 0.25,
) -> Scaling:
    """Measure the exponent in width of every tensor, activation and update, and hold it against a table.

    model(width): a module, its weights drawn by torch's generator. data: inputs and targets, one batch.
    optimiser(module, width): a torch optimiser. table: mup, ntk, mean field, standard, or one's own (see `tables`);
    exceptions: further lines of it, as {"change readout": -0.5}. loss(output, target): by default the mean square.
    false_alarm: for all rows together. miss: for one. resolution: an exponent that must be noticed.
    Raises Refused for what cannot be measured, in one line.
    """
    promised = _promised(table, exceptions)
    _refuse(widths, steps, seeds, false_alarm, miss, resolution)
    chosen = [int(it) for it in np.random.SeedSequence(entropy).generate_state(seeds)]
    try:
        sizes = measured_sizes(model, data, optimiser, loss or _mean_square, widths, steps, chosen)
    except ScalingError as error:
        raise Refused(str(error)) from error
    spans = {key: allowed(promised, *key) for key in sizes.rms}
    shares = max(sum(span is not None for span in spans.values()), 1)
    rates = _Rates(false_alarm / shares, miss / shares, miss, resolution)
    rows = (_row(key, sizes, spans[key], rates) for key in sizes.rms)
    return Scaling(tuple(rows), sizes, false_alarm, resolution)


@dataclass(frozen=True)
class _Rates:
    """false_alarm, and the chance of a misfit: each row's share. miss: for one row."""

    false_alarm: float
    misfit: float
    miss: float
    resolution: float


def _row(key: tuple[str, str, int], sizes: Sizes, span: Span | None, rates: _Rates) -> Row:
    rms, widths = sizes.rms[key], np.asarray(sizes.widths, dtype=np.float64)
    if (rms == 0).any():
        return _zero(key, bool((rms == 0).all()), span)
    logs = np.log(rms)
    found = {law: exponent(widths, logs, law) for law in LAWS}
    radii = {law: it.radius(rates.false_alarm / 2) for law, it in found.items()}
    interval = (
        min(it.value - radii[law] for law, it in found.items()),
        max(it.value + radii[law] for law, it in found.items()),
    )
    limit = found[DERIVED].value
    verdict, reason = _UNJUDGED if span is None else _verdict(span, interval, widths, logs, rates)
    return Row(*key, limit, interval, found[NONE].value - limit, span, verdict, reason)


def _zero(key: tuple[str, str, int], whole: bool, span: Span | None) -> Row:
    fine = whole and span is not None and span[0] == -math.inf
    why = "zero at every width" if whole else "zero at some widths and seeds, so it has no exponent"
    verdict: Verdict = "not judged" if span is None else "right" if fine else "undecided"
    hint = "; name it in exceptions= with (-inf, …)" if verdict == "undecided" else ""
    return Row(*key, -math.inf, (-math.inf, -math.inf if whole else math.inf), 0.0, span, verdict, why + hint)


def _verdict(
    span: Span, interval: tuple[float, float], widths: Array, logs: Array, rates: _Rates
) -> tuple[Verdict, str]:
    """Wrong whichever law of finite width holds, if one fits; right by the derived one and without any correction."""
    fits = {law: misfit(widths, logs, law) >= rates.misfit for law in (DERIVED, SLOW)}
    if (interval[0] > span[1] or interval[1] < span[0]) and any(fits.values()):
        return "wrong", ""
    if not fits[DERIVED]:
        return "undecided", "finite width does more than a multiple of 1/width here: give larger widths"
    low, high = span[0] - rates.resolution, span[1] + rates.resolution
    found = [exponent(widths, logs, law) for law in (NONE, DERIVED)]
    radii = [it.radius(rates.miss) for it in found]
    if all(low <= it.value - radius and it.value + radius <= high for it, radius in zip(found, radii, strict=True)):
        return "right", ""
    seeds = math.ceil(len(logs) * (2 * max(radii) / rates.resolution) ** 2)
    return "undecided", f"about {seeds} seeds, or widths further apart, would tell" if seeds > len(logs) else ""


def _span(span: Span) -> str:
    low, high = span
    return f"{low:g}" if low == high else f"at most {high:g}" if low == -math.inf else f"{low:g} to {high:g}"


def _mean_square(output: Any, target: Any) -> Any:
    return (output - target).square().mean()


def _promised(table: str | Table, exceptions: Mapping[str, float | Span] | None) -> Table:
    if isinstance(table, str) and table not in TABLES:
        raise Refused(f"table={table!r}: one of {', '.join(TABLES)}, or a table of your own")
    lines = dict(TABLES[table] if isinstance(table, str) else table)
    for pattern in exceptions or {}:
        lines.pop(pattern, None)  # the last line that fits decides
    return {**lines, **(exceptions or {})}


def _refuse(
    widths: Sequence[int], steps: Sequence[int], seeds: int, false_alarm: float, miss: float, resolution: float
) -> None:
    whole = all(isinstance(it, int) and it > 0 for it in widths)
    if not whole or len(widths) < WIDTHS_AT_LEAST or list(widths) != sorted(set(widths)):
        raise Refused(f"widths={tuple(widths)} do not grow: give at least {WIDTHS_AT_LEAST}, each larger than the last")
    if not steps or not all(isinstance(it, int) and it >= 0 for it in steps):
        raise Refused(f"steps={tuple(steps)}: whole numbers, 0 for the start")
    if seeds < SEEDS_AT_LEAST:
        raise Refused(f"seeds={seeds}: at least {SEEDS_AT_LEAST} make an interval")
    if not 0 < false_alarm < 1 or not 0 < miss < 1 or not resolution > 0:
        raise Refused("false_alarm and miss lie between 0 and 1, and resolution is positive")
