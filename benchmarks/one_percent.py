"""Seconds and draws to tell a 1 % error of each limit, at the strict level of a confirmation, by route.

    python benchmarks/one_percent.py

For every route that compares a mean, at each anchor of its check: how many draws until the confidence sequence at level
4.9e-10 excludes 1.01 times the prediction (with its bias), and how long that took. Anchors where 1 % of the risk is
below the bias, or where the profile's budget ends first, are shown as such. Ratios between rows mean something on a
noisy machine; single seconds do not.
"""

from __future__ import annotations

import time

from lazy_assay import theory
from lazy_assay.checks.engine.perform import one_thread
from lazy_assay.checks.engine.registry import check
from lazy_assay.checks.procedures.means import Means, Target
from lazy_assay.checks.procedures.sequential import observe
from lazy_assay.checks.vocabulary.check import Route
from lazy_assay.checks.vocabulary.context import Context
from lazy_assay.checks.vocabulary.profiles import PROFILES
from lazy_assay.checks.vocabulary.setting import Configuration, Scope
from lazy_assay.theory import Claim, Limit, Part
from lazy_assay.theory._prediction import arguments

PROFILE = PROFILES["full"]
ENTROPY = 2026


def tell(claim: Claim, part: Part, means: Means, route: Route, configuration: Configuration) -> str:
    """One row: draws and seconds at one anchor."""
    setting = Scope.of(claim, part, route).at(configuration)
    values = setting.values
    formula = part.finite or part.published
    assert formula is not None
    right = float(formula(**{name: values[name] for name in arguments(formula)}))
    bias = setting.tolerance(route).bias
    if 0.01 * right <= bias:
        return f"1 % of {right:.4f} is within the bias {bias:.2g}"
    target = Target(1.01 * right, bias, 0.0)
    context = Context(claim=claim, profile=PROFILE, entropy=ENTROPY)
    begun = time.perf_counter()
    seen = observe(
        context,
        route,
        setting,
        stage="benchmark",
        level=context.rates.strict,
        budget=PROFILE.confirm_trials,
        settled=target.refutes,
    )
    spent = time.perf_counter() - begun
    told = "told" if target.refutes(seen.interval) else "NOT told"
    return f"{told} with {seen.trials:6d} draws in {spent:6.2f} s, {1e3 * spent / seen.trials:7.3f} ms a draw"


def main() -> None:
    """Print a table for every limit."""
    with one_thread():
        for claim in theory.claims():
            for means in check(claim.id).procedures:
                if not isinstance(means, Means) or not isinstance(claim.part(means.part), Limit):
                    continue
                for route in means.routes:
                    for anchor in (route.space or means.space).anchors:
                        where = ", ".join(f"{name}={value}" for name, value in anchor.items())
                        told = tell(claim, claim.part(means.part), means, route, dict(anchor))
                        print(f"{claim.id:26} {route.name:36} {where}\n    {told}", flush=True)


if __name__ == "__main__":
    main()
