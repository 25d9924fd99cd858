"""How many seeds tell a tenth of a rate's exponent, by how a pilot's slopes scatter: sweeps are planned by it.

    python benchmarks/rates.py [ID…] [--share 0.1] [--seconds 5] [--profile quick]

For every sweep of a check, at each of its configurations in a run of the profile: the exponent, by how much the pilot's
median slope is off and how far it moves on along its sizes (finite size: no number of seeds tells what that hides),
whether that is within the sweep's margin, here or ahead, as for a right rate it must be; how a seed's slope scatters,
here and ahead, and what a seed costs. Then what is planned from that for the share asked, of the
exponent or, where it is zero, of one: the resolution, the seeds of a search that agrees where the claim holds in all
but one run in a hundred, and those of the confirmation that refutes what is off by that share, beyond a margin that is
the sweep's share of its resolution, with their seconds, beside what the check declares. The pilot's streams are its
own, and judge nothing: entropy 2026, stage "pilot".
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Iterator
from statistics import NormalDist

import numpy as np

from lazy_assay import theory
from lazy_assay.checks.engine.perform import one_thread
from lazy_assay.checks.engine.registry import check
from lazy_assay.checks.power.slopes import MEDIAN
from lazy_assay.checks.procedures.exponents import AHEAD, HERE, MOVES, sides
from lazy_assay.checks.procedures.sweep import Sweep
from lazy_assay.checks.statistics import median_seeds, slopes
from lazy_assay.checks.vocabulary.context import Context, MemoryStore
from lazy_assay.checks.vocabulary.profiles import PROFILES
from lazy_assay.checks.vocabulary.setting import Scope, Setting
from lazy_assay.theory import Rate

QUICK = PROFILES["quick"]
# Of one search in a hundred is asked again.
AGAIN = 0.01


def rows(id: str, share: float, seconds: float, profile: str = "quick") -> Iterator[str]:
    """A line for each sweep and configuration of a claim."""
    claim = theory.claim(id)
    context = Context(claim=claim, profile=QUICK, entropy=2026, store=MemoryStore())
    for sweep in check(id).procedures:
        if isinstance(sweep, Sweep):
            part = claim.part(sweep.part)
            assert isinstance(part, Rate)
            for configuration in (*sweep.configurations, *sweep.further.get(profile, ())):
                setting = Scope.of(claim, part, sweep.route).at(configuration)
                there = sweep._there(setting)
                yield f"{id}:{part.name} at {setting.where}: {told(context, part, there, setting, share, seconds)}"


def told(context: Context, part: Rate, sweep: Sweep, setting: Setting, share: float, seconds: float) -> str:
    """What one configuration needs."""
    assert part.published is not None
    exponent = sweep._exponent(context, part.published, setting)
    begun = time.process_time()
    sweep._draws(context, setting, "pilot, first", 8)
    trials = int(min(400, max(40, seconds * 8 / (time.process_time() - begun + 1e-6))))
    begun = time.process_time()
    draws = sweep._draws(context, setting, "pilot", trials)
    cost = (time.process_time() - begun) / trials
    known = sweep._figures(context, part, draws)
    here, ahead, moves = max(known[HERE], 1e-9), known[AHEAD], known[MOVES]
    off = float(np.median(slopes(np.asarray(sweep.sizes), draws))) - exponent
    error, wanted = MEDIAN * here / math.sqrt(trials), share * (abs(exponent) or 1.0)
    shown = (
        f"exponent {exponent:g}, off {off:+.4f} ± {error:.4f}, moves {moves:+.4f} ± {error * ahead / here:.4f}, "
        f"scatter {here:.3g} here, {ahead:.3g} ahead, {1e3 * cost:.3g} ms a seed"
    )
    declared = f"declared {sweep.resolution:g}, {QUICK.seeds * sweep.repeated} seeds, at most {sweep.at_most} times"
    planned = plan(context, wanted, max(abs(off) - error, 0.0), here, ahead, cost, sweep.leeway / sweep.resolution)
    return f"{shown}; {placed(part, off, known[MOVES], sweep.leeway)}; {planned}; {declared}"


def placed(part: Rate, off: float, moves: float, margin: float) -> str:
    """Where the slopes lie, beside the margin: a right rate has one of them within it, on each side that may refute."""
    beyond = {
        name: max(0.0, *(side * at - margin for side in sides(part)))
        for name, at in (("here", off), ("ahead", off + moves))
    }
    missed = [min(side * off, side * (off + moves)) > margin for side in sides(part)]
    told = ", ".join(f"{name} by {size:.4f}" for name, size in beyond.items() if size)
    return f"{'BEYOND' if any(missed) else 'within'} the margin {margin:g}" + (f" (beyond it {told})" if told else "")


def plan(
    context: Context, wanted: float, off: float, here: float, ahead: float, cost: float, margin: float = 0.5
) -> str:
    """Resolution and seeds that tell what is wanted, where the truth lies off the claim by so much.

    The resolution r and the seeds n of a search solve: the search agrees, its interval lies within r − off; and off, r
    and two errors of the search's median, by which a run's own plan is off, make up what is wanted. margin: a share of
    the resolution; a confirmation tells what is beyond.
    """
    z = NormalDist()
    agrees = -z.inv_cdf(context.rates.look / 2) - z.inv_cdf(AGAIN)
    resolution = (wanted - off * (1 - 2 / agrees)) / (1 + 2 / agrees)
    if resolution <= off:
        return "out of reach at these sizes"
    search = math.ceil((MEDIAN * here * agrees / (resolution - off)) ** 2)
    try:
        confirm = median_seeds(
            max(here, ahead), (1 - margin) * resolution, context.rates.strict / 2, context.rates.miss
        )
    except ValueError:
        return f"resolution {resolution:.3g}, {search} seeds ({cost * search:.2g} s), confirmation out of reach"
    return (
        f"resolution {resolution:.3g}, {search} seeds ({cost * search:.2g} s), "
        f"confirmed by {confirm} ({cost * confirm:.2g} s), {confirm / max(search, QUICK.seeds):.0f} times"
    )


def main() -> None:
    """Print the lines."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("ids", nargs="*", metavar="ID")
    asked.add_argument("--share", type=float, default=0.1)
    asked.add_argument("--seconds", type=float, default=5.0)
    asked.add_argument("--profile", choices=tuple(PROFILES), default="quick")
    given = asked.parse_args()
    with one_thread():
        for id in given.ids or theory.ids():
            for row in rows(id, given.share, given.seconds, given.profile):
                print(row, flush=True)


if __name__ == "__main__":
    main()
