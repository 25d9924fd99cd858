"""The power of a part: what became of its mutants at one entropy or several, and what it can catch by plan."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lazy_assay.checks.engine.perform import one_thread
from lazy_assay.checks.power.bench import Bench, benches
from lazy_assay.checks.power.expressions import SHARES, Operator
from lazy_assay.checks.power.fates import Fate, Outcome, fates
from lazy_assay.checks.power.mutants import mutants, percent
from lazy_assay.checks.power.reach import Seen, reach
from lazy_assay.checks.power.runs import per_draw
from lazy_assay.theory import Balance, Bound, Claim, Part, Rate

# Mistakes that are no number a little off: those that every check should see.
GROSS = (
    Operator.TERM,
    Operator.CONSTANT,
    Operator.EXPONENT,
    Operator.SWAP,
    Operator.NORMALISATION,
    Operator.SIDE,
    Operator.EFFECT,
    Operator.CERTIFICATE,
)
# Mistakes that ask nothing of a statement: cheap for every part.
UNSTATED = (Operator.WHOLE, Operator.SIDE, Operator.EFFECT, Operator.CERTIFICATE)
# Level of the intervals of a share of mutants.
LEVEL = 0.05


@dataclass(frozen=True)
class Share:
    """How many of so many mutants were refuted, with Clopper and Pearson's interval at level `LEVEL`."""

    refuted: int
    judged: int

    @property
    def interval(self) -> tuple[float, float]:
        """Exact for independent trials."""
        from scipy.stats import beta

        k, n = self.refuted, self.judged
        low = float(beta.ppf(LEVEL / 2, k, n - k + 1)) if k else 0.0
        return low, float(beta.ppf(1 - LEVEL / 2, k + 1, n - k)) if k < n else 1.0

    def __str__(self) -> str:
        return f"{self.refuted}/{self.judged}"


@dataclass(frozen=True)
class Power:
    """What one part would notice. fates: of each entropy, in its order. companion: of a loose inequality, the part that
    is exact or attained. opaque: why sympy sees nothing inside of its statement."""

    claim: str
    part: str
    kind: str
    ours: bool
    companion: str
    tasks: tuple[str, ...]
    fates: tuple[tuple[Fate, ...], ...]
    smallest: Mapping[str, float]
    seconds_to_tell: float
    seconds: float
    sharp: bool = False
    opaque: str = ""
    basis: str = "draws"
    curve: Mapping[str, Share] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The part as a reader calls it."""
        return f"{self.claim}:{self.part}" if self.part else self.claim

    def judged(self) -> list[Fate]:
        """What was no equivalent of the statement, at every entropy."""
        return [fate for of_one in self.fates for fate in of_one if fate.outcome is not Outcome.APART]

    def shares(self) -> dict[str, Share]:
        """By grade, of an error of the whole first; where nothing of a grade was judged, it has no row."""
        told: dict[str, list[bool]] = {}
        for fate in self.judged():
            told.setdefault(grade(fate), []).append(fate.outcome is Outcome.REFUTED)
        return {row: Share(sum(told[row]), len(told[row])) for row in GRADES if row in told}

    def survivors(self) -> list[Fate]:
        """Those that lived, at any entropy, each once."""
        alive = (fate for fate in self.judged() if fate.outcome is Outcome.SURVIVED)
        return list({(fate.mutant.operator, fate.mutant.name): fate for fate in alive}.values())


WHOLE = tuple(map(percent, SHARES))
ROUGH = tuple(map(str, GROSS))
INNER = tuple(f"coefficient {size}" for size in WHOLE)
GRADES = (*WHOLE, *INNER, *ROUGH)


def grade(fate: Fate) -> str:
    """The row that a mutant counts in."""
    mutant = fate.mutant
    if mutant.operator is Operator.COEFFICIENT:
        return f"coefficient {mutant.grade}"
    return mutant.grade if mutant.operator is Operator.WHOLE else str(mutant.operator)


def measure(claim: Claim, part: Part, profile: str, entropies: Sequence[int], *, whole: bool = False) -> Power:
    """Run a part's checks once an entropy, and every mutant on what was drawn; `whole`: errors of the whole alone."""
    began, found, plans, names = time.perf_counter(), [], [], []
    with one_thread():
        for entropy in entropies:
            made = benches(claim, part, profile, entropy)
            dials = {dial for bench in made if bench.straight for dial in bench.dials}
            tried = [it for it in mutants(part, dials) if not whole or it.operator in UNSTATED]
            found.append(tuple(fates(part, tried, made)))
            plans.append(reach(seen(made)))
            names = [bench.task.name for bench in made]
    return Power(
        claim=claim.id,
        part=part.name,
        kind=part.kind,
        ours=part.ours,
        companion=part.companion if isinstance(part, Bound | Balance) else "",
        sharp=isinstance(part, Rate) and part.sharp,
        opaque=part.opaque,
        tasks=tuple(names),
        fates=tuple(found),
        smallest={name: max(plan.smallest[name] for plan in plans) for name in plans[0].smallest},
        seconds_to_tell=max(plan.seconds for plan in plans),
        seconds=time.perf_counter() - began,
    )


def seen(benches: Sequence[Bench]) -> list[Seen]:
    """The comparisons of a quantitative part as a plan takes them."""
    numbers = [bench for bench in benches if bench.task.part.quantitative]
    cells = ((bench, bench.task.part, result) for bench in numbers for result in bench.straight[0])
    return [Seen(part, bench.context.rates, it, per_draw=per_draw(bench.task.claim, it)) for bench, part, it in cells]


def as_data(power: Power) -> dict[str, Any]:
    """Strict JSON data."""
    return {
        "claim": power.claim,
        "part": power.part,
        "kind": power.kind,
        "ours": power.ours,
        "companion": power.companion,
        "sharp": power.sharp,
        "opaque": power.opaque,
        "basis": power.basis,
        "tasks": list(power.tasks),
        "shares": {name: interval_of(share) for name, share in power.shares().items()},
        "comparisons": {name: interval_of(share) for name, share in power.curve.items()},
        "smallest error caught": {name: plain(value) for name, value in power.smallest.items()},
        "seconds to tell 1 %": plain(power.seconds_to_tell),
        "seconds": power.seconds,
        "survivors": [_row(fate) for fate in power.survivors()],
        "set apart": [_row(fate) for fate in power.fates[0] if fate.outcome is Outcome.APART],
    }


def interval_of(share: Share) -> dict[str, Any]:
    """A share of mutants as data."""
    return {"refuted": share.refuted, "judged": share.judged, "interval": list(share.interval)}


def _row(fate: Fate) -> dict[str, Any]:
    return {"grade": grade(fate), "mistake": fate.mutant.name, "off": fate.off, "reason": fate.reason}


def plain(value: float) -> float | None:
    """Strict JSON has no infinity."""
    return value if math.isfinite(value) else None
