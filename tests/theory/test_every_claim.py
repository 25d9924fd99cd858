from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lazy_assay import theory
from lazy_assay.checks.testing import ClaimBattery
from lazy_assay.theory import InvalidParameterError, UnknownClaimError

IDS = theory.ids()
# Every row of the first paper was stated on 2026-11-22: a claim that discovery loses is missed here.
GHORBANI_AT_LEAST = 11
B = np.array([1.0, 0.5, 0.2])


def test_discovery_finds_every_file_and_no_machinery() -> None:
    root = Path(theory.__path__[0])
    papers = [path for path in root.iterdir() if path.is_dir() and not path.name.startswith("_")]
    files = {f"{path.parent.name}.{path.stem}" for paper in papers for path in paper.glob("[!_]*.py")}
    assert set(IDS) == files
    assert list(IDS) == sorted(IDS)


def test_the_first_paper_has_all_its_claims() -> None:
    assert sum(id.startswith("ghorbani2019.") for id in IDS) >= GHORBANI_AT_LEAST


def test_ids_are_module_paths_and_claims_come_in_their_order() -> None:
    assert [claim.id for claim in theory.claims()] == list(IDS)
    for claim in theory.claims():
        assert sys.modules[f"lazy_assay.theory.{claim.id}"].CLAIM is claim


@pytest.mark.parametrize(
    "wrong, near",
    [
        ("ghorbani2019.theorm2", "ghorbani2019.theorem2"),
        ("ghorbani2019.eq_13", "ghorbani2019.eq13"),
        ("corollary1", "ghorbani2019.corollary1"),
    ],
)
def test_an_unknown_id_suggests_the_nearest(wrong: str, near: str) -> None:
    with pytest.raises(UnknownClaimError, match=f"^unknown claim {wrong}; did you mean .*{near}") as raised:
        theory.claim(wrong)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("wrong", ["", "zzz", "ghorbani2019._quadratic_target", "ghorbani2019"])
def test_what_is_no_claim_is_never_imported_as_one(wrong: str) -> None:
    with pytest.raises(UnknownClaimError):
        theory.claim(wrong)


def test_claims_load_neither_torch_nor_hypothesis_nor_pytest() -> None:
    program = (
        "import sys, lazy_assay; n = sum(1 for _ in lazy_assay.claims()); "
        "print(n, [m for m in ('torch', 'hypothesis', 'pytest') if m in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == f"{len(IDS)} []"


class TestEveryClaim(ClaimBattery):
    @pytest.fixture(autouse=True, params=IDS)
    def _of(self, request: pytest.FixtureRequest) -> None:
        self.claim = request.param


# -- the selector ----------------------------------------------------------------------------------------------------

EQ_13 = theory.claim("ghorbani2019.eq13")
T = (B.sum() ** 2) / (3 * (B**2).sum())
REGIMES: dict[str, tuple[dict[str, Any], float]] = {
    "RF": ({"rho": 0.5}, 1 - 0.5 / 1.5 * T),
    "NT": ({"rho": 0.5}, 0.25 + 0.25 * T),
    "NN": ({"N": 1}, (0.25 + 0.04) / 1.29),
}


@pytest.mark.parametrize("regime", REGIMES)
@pytest.mark.parametrize("method", ["predict", "corrected", "as_printed"])
def test_a_regime_selects_its_own_line(regime: str, method: str) -> None:
    given, value = REGIMES[regime]
    assert getattr(EQ_13, method)(regime=regime, B=B, **given) == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize("regime", REGIMES)
def test_what_only_other_regimes_need_is_ignored(regime: str) -> None:
    given: dict[str, Any] = {"rho": 0.5, "N": 1, "B": B}
    assert EQ_13.predict(regime=regime, **given) == pytest.approx(REGIMES[regime][1], rel=1e-12)


@pytest.mark.parametrize("regime, wrong", [("RF", {"N": 0}), ("NT", {"N": 1.5}), ("NN", {"rho": -1.0})])
def test_what_is_ignored_is_validated_all_the_same(regime: str, wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidParameterError, match=next(iter(wrong))):
        EQ_13.predict(**{"regime": regime, "rho": 0.5, "N": 1, "B": B, **wrong})


@pytest.mark.parametrize(
    "given, message",
    [
        ({}, r"missing parameter regime; one of RF, NT, NN"),
        ({"regime": "GD"}, r"regime must be one of RF, NT, NN, got 'GD'"),
        ({"regime": None}, r"regime must be one of RF, NT, NN, got None"),
        ({"regime": "RF", "width": 3}, r"unknown parameter width; it takes rho, B"),
    ],
)
def test_a_regime_that_is_not_there_is_an_error(given: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidParameterError, match=rf"^\[ghorbani2019.eq13\] {message}$"):
        EQ_13.predict(rho=0.5, B=B, **given)


def test_a_regime_without_its_argument_is_an_error() -> None:
    with pytest.raises(InvalidParameterError, match="missing parameter N; it takes N, B"):
        EQ_13.predict(regime="NN", rho=0.5, B=B)
