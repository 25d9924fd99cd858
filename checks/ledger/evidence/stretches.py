"""The evidence of many nights against each comparison: one e-process a stretch, and e-BH over all of them.

A *stretch* is a comparison on one class of device while statement and simulation stay what they are: another version of
either begins a new one. A night counts once for each entropy, since the same entropy makes the same draws again (the
canary's, of every night but the first). The first night is the pilot. What no moments were kept of (certificates, exact
comparisons, runs of before there were any) has no stretch: its verdicts stand for themselves. Nor does a night begin
one that refutes the statement alone: a stretch is for what one night does not tell.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from lazy_assay.checks.ledger._ledger import Ledger
from lazy_assay.checks.ledger.index.numbers import NUMBERS, SUBJECTS, VERDICTS
from lazy_assay.checks.ledger.index.records import Run
from lazy_assay.checks.statistics.discoveries import discoveries, shares
from lazy_assay.checks.statistics.nightly import Capital, Nights
from lazy_assay.checks.statistics.sequence import Array
from lazy_assay.checks.vocabulary.result import Verdict

# The run-wide level: with every statement true, the probability that any stretch is ever found, on any night. And that
# of the list of those to watch.
LEVEL, WATCH = 1e-6, 1e-2
CLAIM = SUBJECTS.index("claim")
REFUTED = VERDICTS.index(Verdict.DISAGREES.value)
_MIX = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F], dtype=np.uint64)


@dataclass(kw_only=True)
class Evidence:
    """The stretches so far, each with a slot. `runs` are those folded in, oldest first. For a slot, `found` and
    `watched` tell the place in `runs` at which it first was a discovery at `LEVEL` or `WATCH`, `last` that of its last
    night, and `rows` the numbers of that night."""

    capital: Capital = field(default_factory=Capital)
    runs: list[Run] = field(default_factory=list)
    found: dict[int, int] = field(default_factory=dict)
    watched: dict[int, int] = field(default_factory=dict)
    names: list[int] = field(default_factory=list)
    rows: np.ndarray = field(default_factory=lambda: np.empty(0, dtype=NUMBERS))
    last: np.ndarray = field(default_factory=lambda: np.empty(0, dtype=np.intp))
    _slots: dict[int, int] = field(default_factory=dict)
    _pilots: dict[int, tuple[int, int]] = field(default_factory=dict)
    _opened: list[np.ndarray] = field(default_factory=list)
    _seen: dict[int, list[np.ndarray]] = field(default_factory=dict)

    def fold(self, run: Run, numbers: np.ndarray) -> None:
        """Take in one more run, later than those before it: its results' numbers (`ledger.index.numbers`)."""
        rows, names = self._fresh(*telling(numbers))
        told = names.tolist()
        slots = [self._slots.get(name, -1) for name in told]
        if waiting := [place for place, slot in enumerate(slots) if slot < 0]:
            self._open([told[place] for place in waiting if told[place] in self._pilots])
            open_ = rows["verdict"] != REFUTED
            self._pilot(rows, told, [place for place in waiting if told[place] not in self._slots and open_[place]])
            slots = [self._slots.get(name, -1) for name in told]
        which = np.array(slots, dtype=np.intp)
        places = np.flatnonzero(which >= 0)
        which = which[places]
        if len(which):
            self.capital.add(which, nights(rows[places]))
            self.rows[which], self.last[which] = rows[places], len(self.runs)
            self._look()
        self.runs.append(run)

    def _look(self) -> None:
        """Who is a discovery by now; once found stays found."""
        log, shared = self.log, self.shares
        for level, told in ((LEVEL, self.found), (WATCH, self.watched)):
            for slot in np.flatnonzero(discoveries(log, shared, level)).tolist():
                told.setdefault(slot, len(self.runs))

    @property
    def log(self) -> Array:
        """The logarithm of each stretch's e-value by now, shape (stretches,)."""
        return self.capital.log

    @property
    def shares(self) -> Array:
        """Each stretch's share of the level, in the order in which they came to be tested."""
        return shares(np.arange(len(self.names)))

    def _fresh(self, rows: np.ndarray, names: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Those whose draws were not counted before."""
        new = np.ones(len(names), dtype=bool)
        for entropy in np.unique(rows["entropy"]):
            mine = rows["entropy"] == entropy
            for told in self._seen.setdefault(int(entropy), []):
                new[mine] &= ~np.isin(names[mine], told)
            if (mine & new).any():
                self._seen[int(entropy)].append(names[mine & new])
        return rows[new], names[new]

    def _pilot(self, rows: np.ndarray, names: list[int], places: list[int]) -> None:
        night = len(self._opened)
        self._opened.append(rows[places])
        self._pilots |= {names[place]: (night, index) for index, place in enumerate(places)}

    def _open(self, names: list[int]) -> None:
        """Begin the stretches of these names with their pilots: from now on they are tested."""
        if not names:
            return
        at = [self._pilots.pop(name) for name in names]
        pilots = np.array([self._opened[night][index] for night, index in at], dtype=NUMBERS)
        self.capital.open(nights(pilots))
        self._slots |= {name: len(self.names) + index for index, name in enumerate(names)}
        self.names += names
        self.rows = np.concatenate([self.rows, pilots])
        self.last = np.append(self.last, np.zeros(len(pilots), dtype=np.intp))


def nights(rows: np.ndarray) -> Nights:
    """The numbers of results as a night of stretches."""
    fields = {name: rows[name] for name in Nights.__dataclass_fields__}
    return Nights(**fields | {"count": rows["count"].astype(np.float64)})


def telling(numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The results that say something of a statement, one for each stretch, and the names of their stretches."""
    rows = numbers[(numbers["subject"] == CLAIM) & (numbers["diverged"] == 0)]
    rows = rows[nights(rows).usable & np.isin(rows["side"], (-1.0, 0.0, 1.0))]
    names = stretch_names(rows)
    _, first = np.unique(names, return_index=True)
    first.sort()
    return rows[first], names[first]


def stretch_names(rows: np.ndarray) -> np.ndarray:
    """64 bits for comparison, versions and device of each row."""
    device = np.ascontiguousarray(rows["device"]).view("<u8") if len(rows) else np.empty(0, "<u8")
    return np.asarray((rows["key"] + rows["versions"] * _MIX[0]) ^ (device * _MIX[1]))


def evidence(ledger: Ledger, *, before: str = "") -> Evidence:
    """That of all runs in a ledger that started before `before` (ISO 8601). Raises LedgerError."""
    told = Evidence()
    with ledger.index() as index:
        for run, numbers in index.numbers(before=before) if index else ():
            told.fold(run, numbers)
    return told
