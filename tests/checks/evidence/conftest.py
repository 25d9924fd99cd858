"""Nights of tosses: a ledger in which a bias, a move of the code, a refutation, a new and a missing claim stand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from lazy_assay.checks.ledger import Ledger
from lazy_assay.checks.statistics.moments import Moments
from lazy_assay.checks.vocabulary.result import Result, Subject, Tolerance, Verdict, to_json

DRAWS, MEAN, BIAS = 600, 0.5, 0.001
ERROR = 1 / np.sqrt(12 * DRAWS)
Night = Callable[..., dict[str, Any]]


def _none(_: int) -> float:
    return 0.0


def _third(key: int) -> float:
    return 5.0 * (key == 3)


def result(key: int, moments: Moments, **changes: Any) -> Result:
    """A result about one of the claims coin2026.theorem0, 1, …: four comparisons each."""
    told: dict[str, Any] = {
        "claim": f"coin2026.theorem{key // 4}", "part": "limit", "check": "mean", "subject": Subject.CLAIM,
        "configuration": {"d": key}, "route": "tosses", "verdict": Verdict.AGREES, "predicted": MEAN,
        "estimate": moments.mean, "interval": (moments.mean - 0.05, moments.mean + 0.05), "trials": moments.count,
        "tolerance": Tolerance(finite_size=BIAS, monte_carlo=0.05), "stage": "search", "method": "betting",
        "statement_version": "s", "simulation_version": "v",
        "figures": {"deviation": moments.second**0.5, **moments.figures(), "draws low": -1.0, "draws high": 2.0,
                    "draws side": 0.0},
    }  # fmt: skip
    return Result(**(told | changes))


def night(number: int, keys: int = 8, *, off: Callable[[int], float] = _none, profile: str = "nightly",
          entropy: int | None = None, device: str = "cpu", claims: Mapping[str, str] | None = None, other: int = 0,
          hour: int = 1, commit: str = "", **changes: Any) -> dict[str, Any]:  # fmt: skip
    """A run as in results.json; `off` is a comparison's bias in standard errors a night, `other` changes all draws."""
    key = entropy if entropy is not None else 1000 + number
    rng = np.random.default_rng([key, other, hour])
    rows = []
    for index in range(keys):
        moments = Moments.of(rng.random(DRAWS) + off(index) * ERROR)
        assert moments is not None
        rows.append(to_json(result(index, moments, profile=profile, entropy=key, device=device, **changes)))
    started = f"{np.datetime64('2026-01-01') + number}T{hour:02d}:00:00+00:00"
    told: dict[str, Any] = {
        "id": f"{profile}{number}{device.replace(':', '-')}",
        "started": started,
        "finished": started,
        "profile": profile,
    }
    told |= {"entropy": key, "device": device, "commit": commit or f"c{number // 2:06x}", "code": f"{number // 2}"}
    statuses = claims if claims is not None else {f"coin2026.theorem{index}": "confirmed" for index in range(2)}
    return {
        "run": told | {"exit_code": 0},
        "results": rows,
        "claims": [{"id": id, "status": word, "expected": "confirmed"} for id, word in statuses.items()],
        "errata": [],
        "coverage": {},
    }


@pytest.fixture(scope="session")
def nightly() -> Night:
    """A night's run, made."""
    return night


@pytest.fixture
def ledger(tmp_path: Any) -> Ledger:
    """An empty one."""
    return Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}")


LAST, BEGUN = 13, 8


@pytest.fixture(scope="session")
def story(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    """Fourteen nights with their canaries, on the last four of them a GPU.

    From night 8 on comparison 3 is off by five standard errors and the canary's draws are others. On the last night
    theorem1 is refuted, theorem2 does not run, theorem3 is new; the GPU runs theorem0 alone.
    """
    ledger = Ledger(f"sqlite:///{tmp_path_factory.mktemp('story') / 'ledger.sqlite'}")
    for number in range(LAST + 1):
        last, moved = number == LAST, number >= BEGUN
        claims = {"coin2026.theorem0": "confirmed", "coin2026.theorem1": "refuted" if last else "confirmed"}
        claims |= {"coin2026.theorem3": "confirmed"} if last else {"coin2026.theorem2": "confirmed"}
        ledger.record(night(number, profile="quick", entropy=0, other=int(moved), hour=0))
        ledger.record(night(number, off=_third if moved else _none, claims=claims))
        if number > LAST - 4:
            ledger.record(night(number, 4, device="cuda:1", hour=2, claims={"coin2026.theorem0": "confirmed"}))
    return ledger


def replaced(data: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    """The data of a run with another head."""
    return {**data, "run": {**data["run"], **changes}}
