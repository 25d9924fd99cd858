"""What every part of a stored run would notice, by plan: nothing is simulated.

A run keeps of each comparison its estimate, how its draws scattered, and what it allows. That tells which mistaken
predictions the same checks would refute: a number against a number at once, a sampled one by its confirmation. A
derivation, which samples nothing, is made again.
"""

from __future__ import annotations

import math
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

import sympy as sp

from lazy_assay.checks.engine.perform import suspects
from lazy_assay.checks.power.bench import Bench, benches
from lazy_assay.checks.power.expressions import SHARES, Operator
from lazy_assay.checks.power.fates import ATTAINED, Fate, Outcome, apart, attained, judged, off_by
from lazy_assay.checks.power.measured import Power, Share
from lazy_assay.checks.power.mutants import Mutant, percent, sides, within
from lazy_assay.checks.power.reach import DIRECTIONS, SEQUENCES, Seen, reach
from lazy_assay.checks.power.runs import Cells, Run
from lazy_assay.checks.vocabulary.distortion import Distortion
from lazy_assay.checks.vocabulary.profiles import Profile
from lazy_assay.theory import Balance, Bound, Claim, Part, Rate

DERIVATION = "derivation"
# A share that only says which way.
NEXT_TO_NOTHING = 1e-12


def plan(run: Run, of: Claim, part: Part, *, whole: bool = False) -> Power:
    """What one quantitative part would notice; `whole`: errors of the whole alone, and inequalities flipped."""
    began, cells = time.perf_counter(), Cells.within(run, of, part)
    told = reach(cells.seen)
    fates = [*wholes(cells, run.profile), *flipped(cells, run.profile)]
    if isinstance(part, Rate):
        fates += exponents(cells, run.profile)
    elif not whole:
        fates += inside(cells, run)
    return Power(
        claim=of.id,
        part=part.name,
        kind=part.kind,
        ours=part.ours,
        companion=part.companion if isinstance(part, Bound | Balance) else "",
        sharp=isinstance(part, Rate) and part.sharp,
        opaque=part.opaque,
        tasks=tuple(dict.fromkeys(it.task.partition("/")[2] for it in cells.results)),
        fates=(tuple(fates),),
        smallest=told.smallest,
        seconds_to_tell=told.seconds,
        seconds=time.perf_counter() - began,
        basis="plan",
        curve={percent(share): curve(cells.seen, share, run.profile) for share in SHARES},
    )


def wholes(cells: Cells, profile: Profile) -> list[Fate]:
    """The prediction off by each share, either way that contradicts the statement."""
    return [
        _fate(cells, profile, _whole(share, way), dict.fromkeys(cells.seen, way * float(share)))
        for share in SHARES
        for way in DIRECTIONS[cells.part.allowed_side]
    ]


def _whole(share: sp.Rational, way: int) -> Mutant:
    return Mutant(Operator.WHOLE, f"{percent(share)} too {'high' if way > 0 else 'low'}", share, Distortion())


def exponents(cells: Cells, profile: Profile) -> list[Fate]:
    """A rate's exponent off by one and by a half, either way that contradicts the statement."""
    shifts = [way * by for by in (sp.S.One, sp.S.Half) for way in DIRECTIONS[cells.part.allowed_side]]
    return [
        _fate(
            cells,
            profile,
            Mutant(Operator.EXPONENT, f"{float(by):+g}", sp.S.Zero, Distortion()),
            {it: float(by) / it.scale for it in cells.seen},
        )
        for by in shifts
    ]


def flipped(cells: Cells, profile: Profile) -> list[Fate]:
    """A bound from the other side: refuted where what was drawn lies far enough inside it; set apart where no
    comparison has it strict."""
    told = []
    for mutant in sides(cells.part):
        assert mutant.part is not None
        way = -DIRECTIONS[cells.part.allowed_side][0]
        # A run of the flipped statement ranks its suspects by how far they lie on the other side.
        turned = {replace(it, part=mutant.part): it for it in cells.seen}
        suspected = [turned[it] for it in confirmed(cells.of, dict.fromkeys(turned, way * NEXT_TO_NOTHING))]
        found = next((it for it in suspected if it.far(profile, way)), None)
        if found is not None:
            told.append(Fate(mutant, Outcome.REFUTED, found.result.task))
        elif attained([it.result for it in cells.seen]):
            told.append(Fate(mutant, Outcome.APART, ATTAINED))
        else:
            told.append(Fate(mutant, Outcome.SURVIVED, "too few draws" if cells.seen else why(cells, profile, {})))
    return told


def inside(cells: Cells, run: Run) -> list[Fate]:
    """Mistakes in the statement, at the configurations that were compared, and in its derivation."""
    again = [
        bench
        for bench in benches(cells.of, cells.part, run.profile.name, run.entropy)
        if bench.task.name == DERIVATION and bench.straight
    ]
    first: dict[tuple[float, ...], str] = {}
    return [_inside(cells, run.profile, again, mutant, first) for mutant in within(cells.part)]


def _inside(
    cells: Cells, profile: Profile, again: Sequence[Bench], mutant: Mutant, first: dict[tuple[float, ...], str]
) -> Fate:
    bent = [(it, mutant.distortion.prediction(it.result.predicted, values)) for it, values in cells.placed]
    told = [(it.result.predicted, wrong) for it, wrong in bent]
    told += [pair for bench in again for pair in bench.predictions(mutant)]
    if found := apart(cells.part, mutant, told, first):
        return found
    offs = {it: (wrong - it.result.predicted) / it.scale for it, wrong in bent if math.isfinite(wrong)}
    planned = _fate(cells, profile, mutant, offs)
    if planned.outcome is Outcome.REFUTED or not again:
        return Fate(mutant, planned.outcome, planned.reason, off_by(told))
    return judged(mutant, again, off_by(told))


def _fate(cells: Cells, profile: Profile, mutant: Mutant, offs: Mapping[Seen, float]) -> Fate:
    """Refuted where some comparison that may be confirmed catches it."""
    found = next((it for it in confirmed(cells.of, offs) if it.catches(profile, offs[it])), None)
    if found is not None:
        return Fate(mutant, Outcome.REFUTED, found.result.task, abs(offs[found]))
    off = max(map(abs, offs.values()), default=0.0)
    return Fate(mutant, Outcome.SURVIVED, why(cells, profile, offs), off)


def confirmed(of: Claim, offs: Mapping[Seen, float]) -> list[Seen]:
    """What needs no confirmation, and each task's worst suspects, as many as it may confirm."""
    spent, chosen = suspects(of.id), []
    by_task: dict[str, list[Seen]] = defaultdict(list)
    for it in offs:
        by_task[it.result.task].append(it)
    for task, mine in by_task.items():
        sampled = [it for it in mine if it.sampled]
        # A sweep confirms in the order of its configurations.
        if all(it.result.method in SEQUENCES for it in sampled):
            sampled.sort(key=lambda it: -it.suspicion(offs[it]))
        chosen += [it for it in mine if not it.sampled] + sampled[: spent.get(task, 0)]
    return chosen


def curve(seen: Sequence[Seen], share: sp.Rational, profile: Profile) -> Share:
    """How many comparisons catch an error of a share, each way that contradicts the statement counted alone."""
    told = [it.catches(profile, way * float(share)) for it in seen for way in it.directions]
    return Share(sum(told), len(told))


def why(cells: Cells, profile: Profile, offs: Mapping[Seen, float]) -> str:
    """What limits the comparison that comes nearest to telling a mistake."""
    if not cells.results:
        return "nothing is simulated"
    if not cells.seen:
        verdicts = dict.fromkeys(str(it.verdict) for it in cells.results)
        return f"no prediction that can be off is compared ({', '.join(verdicts)})"
    wrong = [it for it, off in offs.items() if (1 if off > 0 else -1) in it.directions and off]
    if not wrong:
        return "on the allowed side" if offs else "its configurations cannot be made again"
    return min((it.short(profile, offs[it]), it.lacks(profile, offs[it])) for it in wrong)[1]
