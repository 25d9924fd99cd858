from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sympy as sp

import lazy_assay.checks.report as checks_report
from lazy_assay import theory
from lazy_assay.checks.vocabulary.result import Result, Subject, Tolerance, Verdict, to_json

PAPER = theory.Paper(key="fake2024", authors="Doe et al.", title="A paper", venue="A venue", year=2024)
rho = sp.Symbol("rho", nonnegative=True)
d = sp.Symbol("d", positive=True, integer=True)
N = sp.Symbol("N", positive=True, integer=True)
t = sp.Symbol("t", nonnegative=True)
B = sp.MatrixSymbol("B", d, d)
RISK = theory.Quantity(symbol=sp.Function("R_NT")(rho), meaning="population risk over ‖f*‖²", units="share of ‖f*‖²")
RHO = theory.Parameter("rho", rho, "neurons a dimension", theory.Real(0))
DIMENSION = theory.Parameter("d", d, "input dimension", theory.Integer(2))
NEURONS = theory.Parameter("N", N, "neurons", theory.Integer(1))
TRACE = theory.Auxiliary(
    symbol=t,
    meaning="how isotropic the target is",
    value=lambda rho: 0.5,
    definition=sp.Eq(t, sp.Trace(B) ** 2 / (d * sp.Trace(B * B.T))),
)


def risk(rho: float) -> float:
    left = max(1 - rho, 0.0)
    return left**2 / 2 + left / 2


def statement(first: sp.Expr) -> sp.Eq:
    left = sp.Max(0, 1 - rho)
    return sp.Eq(RISK.symbol, first * (1 - t) + left * t)


LIMIT = theory.Claim(
    module="theory.fake2024.theorem1",
    title="Risk of the tangent model",
    source=theory.Source(paper=PAPER, locator="Theorem 1"),
    convention="Risks are divided by ‖f*‖² = 2‖B‖_F².",
    parts=(
        theory.Limit(
            sentence="Averaged over isotropic weights, the risk depends on ρ and on the trace of B alone.",
            quantity=RISK,
            statement=statement(sp.Max(0, 1 - rho) ** 2),
            printed_statement=statement(sp.Max(0, 1 - rho)),
            rate=sp.O(1 / d, (d, sp.oo)),
            parameters=(RHO, DIMENSION, NEURONS),
            auxiliary=(TRACE,),
            assumptions=(
                theory.Assumption(
                    name="A2",
                    sentence="‖d·Gamma‖ stays bounded",
                    holds=lambda d: d > 1,
                    threshold="the largest eigenvalue of d·Gamma is at most 8",
                ),
            ),
            decoys=(
                theory.Decoy(name="not squared", sentence="(1−ρ)₊ for both terms", published=lambda rho: 1 - rho),
                theory.Decoy(name="a neuron more", sentence="d − N − 1 directions left", published=lambda rho: 1 - rho),
            ),
            errata=(
                theory.Erratum(
                    gravity=theory.Gravity.CONSTANT,
                    charitable="No reading of the notation gives the second term alone.",
                    locator="display after Theorem 1",
                    printed="(1−ρ)₊ in both terms",
                    corrected="(1−ρ)₊² in the first term",
                    derivation="E‖PBP‖² has k² in its leading term, k = (d−N)₊.",
                    evidence="refuted by simulation at d = 32",
                    printed_form=sp.Max(0, 1 - rho) * (1 - t),
                    corrected_form=sp.Max(0, 1 - rho) ** 2 * (1 - t),
                ),
            ),
            published=risk,
            finite=lambda d, N: risk(N / d) + 0.2 / d,
            printed=lambda rho: 1 - rho,
            limit_of=lambda d, N: {"rho": N / d},
        ),
    ),
)
BOUND = theory.Claim(
    module="theory.fake2024.eq6",
    title="The lazy bound",
    source=theory.Source(paper=PAPER, locator="Eq. (6)"),
    parts=(
        theory.Bound(
            name="worst_case",
            sentence="The mean risk is at most (1−ρ)₊.",
            quantity=RISK,
            statement=sp.Le(RISK.symbol, sp.Max(0, 1 - rho)),
            parameters=(RHO, DIMENSION, NEURONS),
            published=lambda rho: 1 - rho,
            decoys=(theory.Decoy(name="squared", sentence="(1−ρ)₊² instead", published=lambda rho: (1 - rho) ** 2),),
        ),
        theory.AlmostSure(
            name="full_rank",
            sentence="With probability one the Gram matrix is invertible.",
            quantity=theory.Quantity(symbol=sp.Symbol("lambda_min"), meaning="smallest eigenvalue, as an interval"),
        ),
    ),
)
OBSERVATION = theory.Claim(
    module="theory.fake2024.figure1",
    title="Wider networks move less",
    source=theory.Source(paper=PAPER, locator="Figure 1"),
    parts=(
        theory.Observation(
            sentence="The relative movement of the first layer falls with the width.",
            quantity=theory.Quantity(symbol=sp.Symbol("Delta_W"), meaning="relative movement of the first layer"),
        ),
    ),
)
KNOWN = {claim.id: claim for claim in (LIMIT, BOUND, OBSERVATION)}


@pytest.fixture
def lookup() -> Callable[[str], theory.Claim | None]:
    return KNOWN.get


def simulated(claim: str, part: str, route: str, predicted: float, off: float, half: float, **more: Any) -> Result:
    estimate = predicted + off
    given: dict[str, Any] = {
        "check": "finite size",
        "subject": Subject.CLAIM,
        "configuration": {},
        "verdict": Verdict.AGREES,
        "interval": (estimate - half, estimate + half),
        "trials": 4096,
        "resolution": 0.003,
        "false_alarm": 1e-3,
        "stage": "search",
        "method": "betting",
        "figures": {"deviation": half * 64 / 3.3},
        "tolerance": Tolerance(
            finite_size=0.0008,
            discretisation=0.0004 if route == "one-pass SGD" else 0.0,
            monte_carlo=half,
            rounding=1e-13,
            sources={
                "finite_size": "next order in 1/d, derived",
                "discretisation": "extrapolated in the step size from ε and ε/2, measured",
                "monte_carlo": "half-width of the confidence sequence at 1e-3",
                "rounding": "64 machine epsilons times the condition number",
            },
        ),
    }
    return Result(claim=claim, part=part, route=route, predicted=predicted, estimate=estimate, **(given | more))


def limit_results() -> list[Result]:
    id, found = LIMIT.id, []
    for index, route in enumerate(("exact oracle", "normal equations", "one-pass SGD")):
        for n in (4, 8, 16, 24, 30):
            configuration = {"d": 32, "N": n, "B": "exponential:3"}
            off = 0.0006 * math.sin(n + 2 * index)
            found.append(simulated(id, "", route, risk(n / 32), off, 0.001 * (1 + index), configuration=configuration))
    for seed in (5, 6):
        configuration = {"d": 12, "N": 5, "B": f"signed:{seed}"}
        found.append(
            simulated(id, "", "exact oracle", 0.47, 0.0011 * (-1) ** seed, 0.0012, configuration=configuration)
        )
    wrong = {
        "configuration": {"d": 32, "N": 16, "B": "exponential:3"},
        "verdict": Verdict.DISAGREES,
        "stage": "confirm",
    }
    found.append(
        simulated(id, "", "exact oracle", 0.5, -0.125, 0.001, subject=Subject.DECOY, decoy="not squared", **wrong)
    )
    found.append(
        simulated(id, "", "exact oracle", 0.36, 0.015, 0.001, subject=Subject.DECOY, decoy="a neuron more", **wrong)
    )
    found.append(simulated(id, "", "exact oracle", 0.5, -0.125, 0.001, subject=Subject.AS_PRINTED, **wrong))
    found.append(
        simulated(id, "", "exact oracle", 0.375, 0.05, 0.001, subject=Subject.CONTROL, assumption="A2", **wrong)
    )
    exact = Tolerance(rounding=3e-13, sources={"rounding": "first-order error of the statement in its inputs"})
    bare = {"trials": 0, "tolerance": exact, "resolution": 0.0, "stage": "exact", "method": "exact", "figures": {}}
    for n in (3, 9):
        more = {**bare, "check": "chain", "configuration": {"rho": n / 32}}
        found += [simulated(id, "", "statement in sympy", 0.3, 2e-14, 0.0, **more)]
    return found


def other_results() -> list[Result]:
    found = []
    for n, off in ((2, -0.41), (6, -0.002), (9, 0.0005)):
        configuration = {"d": 12, "N": n, "B": "identity" if n == 9 else f"uniform:{n}"}
        found.append(
            simulated(BOUND.id, "worst_case", "exact oracle", 1 - n / 12, off, 0.0015, configuration=configuration)
        )
    found.append(
        simulated(
            BOUND.id,
            "worst_case",
            "exact oracle",
            0.25,
            0.2,
            0.002,
            subject=Subject.DECOY,
            decoy="squared",
            configuration={"d": 12, "N": 6, "B": "identity"},
            verdict=Verdict.DISAGREES,
            stage="confirm",
            method="asymptotic",
        )
    )
    found.append(
        Result(
            claim=BOUND.id,
            part="full_rank",
            check="certificate",
            subject=Subject.CLAIM,
            configuration={"d": 8, "N": 3},
            route="interval arithmetic",
            verdict=Verdict.UNDECIDED,
            trials=1,
            message="no verdict: the enclosure holds 0",
        )
    )
    bare = {"tolerance": Tolerance(), "resolution": 0.0, "method": "t", "figures": {}, "check": "effect", "trials": 12}
    for name, effect in (("width 100 to 1,000", 0.31), ("width 1,000 to 10,000", 0.02)):
        verdict = Verdict.AGREES if effect > 0.1 else Verdict.DISAGREES
        configuration = {"width": 100 if effect > 0.1 else 1000, "depth": 2}
        message = (
            f"[{OBSERVATION.id}] {name}: observed {effect} ± 0.011, but claimed at least 0.05 (2.7 standard errors)"
        )
        found.append(
            simulated(
                OBSERVATION.id,
                "",
                name,
                0.05,
                effect - 0.05,
                0.04,
                verdict=verdict,
                configuration=configuration,
                message=message,
                **bare,
            )
        )
    found.append(
        Result(
            claim="gone2020.theorem9",
            part="",
            check="finite size",
            subject=Subject.CLAIM,
            configuration={"d": 3},
            route="one-pass SGD",
            verdict=Verdict.NOT_RUN,
            message="no CUDA device here",
            predicted=math.nan,
            estimate=math.inf,
        )
    )
    return found


def part_row(name: str, kind: str, status: str, expected: str, reason: str) -> dict[str, Any]:
    row = {"name": name, "kind": kind, "status": status, "expected": expected, "reason": reason, "date": "2026-11-01"}
    return {**row, "as_expected": status == expected}


def claim_row(claim: theory.Claim, parts: list[dict[str, Any]], previous: str | None, **more: Any) -> dict[str, Any]:
    first = next((part for part in parts if not part["as_expected"]), parts[0])
    row = {key: first[key] for key in ("status", "expected", "reason", "date")}
    row |= {"as_expected": all(part["as_expected"] for part in parts)}
    row |= {"id": claim.id, "kind": claim.kind, "title": claim.title, "source": str(claim.source), "parts": parts}
    return {**row, "previous": previous, **more}


def claim_rows() -> list[dict[str, Any]]:
    limit = [part_row("", "Limit", "confirmed", "confirmed", "the mean is exact at every size")]
    bound = [
        part_row("worst_case", "Bound", "holds, sharp", "holds, sharp", "equality at B ∝ I"),
        part_row("full_rank", "AlmostSure", "undecided", "confirmed", "a theorem of linear algebra"),
    ]
    effect = [part_row("", "Observation", "not reproduced", "not reproduced", "the effect saturates at width 1,000")]
    routes = ["exact oracle", "normal equations", "one-pass SGD"]
    gone = {
        "id": "gone2020.theorem9",
        "kind": "Rate",
        "title": "A theorem that was taken out",
        "source": "Roe (2020), Theorem 9",
        "status": "not run",
        "expected": "confirmed",
        "reason": "",
        "date": "",
        "as_expected": False,
        "decoys_refuted": 0,
        "decoys": 0,
        "routes": [],
        "parts": [part_row("", "Rate", "not run", "confirmed", "")],
        "previous": "confirmed",
    }
    return [
        claim_row(LIMIT, limit, "confirmed", decoys_refuted=2, decoys=2, routes=routes),
        claim_row(BOUND, bound, "confirmed", decoys_refuted=1, decoys=1, routes=["exact oracle"]),
        claim_row(OBSERVATION, effect, None, decoys_refuted=0, decoys=0, routes=["width 100 to 1,000"]),
        gone,
    ]


@pytest.fixture
def data() -> dict[str, Any]:
    return whole_run()


def whole_run() -> dict[str, Any]:
    erratum = LIMIT.errata[0][1]
    run = {
        "id": "20261122-085000",
        "started": "2026-11-22T08:50:00+00:00",
        "finished": "2026-11-22T08:52:11+00:00",
        "seconds": 131.2,
        "profile": "quick",
        "entropy": 1,
        "commit": "0123456789abcdef",
        "versions": {"python": "3.12.3", "torch": "2.9.0", "sympy": "1.14.0"},
        "device": "cpu",
        "device_class": "cpu-x86_64",
        "device_reason": "no accelerator was asked for",
        "dtype": "float64",
        "threads": 1,
        "instruction_set": "AVX512",
        "tf32": False,
        "selection": [],
        "exit_code": 3,
        "command": "assay run --profile quick --entropy 1",
    }
    told = {name: getattr(erratum, name) for name in ("locator", "printed", "corrected", "derivation", "evidence")}
    told |= {"gravity": str(erratum.gravity), "reading": "", "charitable": erratum.charitable}
    covered = {
        "executed": 17,
        "out_of_regime": 2,
        "undecided": 0,
        "ranges": {"d": [12, 32], "N": [4, 30], "B": ["exponential", "signed"]},
        "domain": {"d": "a whole number ≥ 2", "N": "a whole number ≥ 1", "B": "a symmetric matrix"},
    }
    return {
        "run": run,
        "results": [to_json(result) for result in limit_results() + other_results()],
        "claims": claim_rows(),
        "errata": [{"claim": LIMIT.id, "part": "", **told, "as_printed_verdict": "refuted"}],
        "coverage": {
            "planned": 9,
            "executed": 7,
            "skipped": [{"item": "fake2024.figure2", "reason": "the data set is absent; `--data-dir` names it"}],
            "per_claim": {LIMIT.id: covered},
        },
    }


@pytest.fixture
def history() -> dict[str, list[dict[str, Any]]]:
    return earlier_runs()


def earlier_runs() -> dict[str, list[dict[str, Any]]]:
    days = [f"2026-11-{day:02d}T02:00:00+00:00" for day in range(1, 22)]
    told = [
        {"started": day, "status": "undecided" if index in (3, 4) else "confirmed"} for index, day in enumerate(days)
    ]
    return {LIMIT.id: told, BOUND.id: told[-5:]}


@pytest.fixture(scope="session")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    # Read by many tests, changed by none.
    folder = tmp_path_factory.mktemp("pages") / "report"
    return checks_report.write(whole_run(), folder, earlier_runs(), lookup=KNOWN.get)
