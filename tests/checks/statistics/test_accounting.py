import subprocess
import sys
from dataclasses import FrozenInstanceError

import pytest

from lazy_assay.checks.statistics import ErrorRates


def test_every_confirmation_of_a_full_run_together_spends_the_false_alarm_rate() -> None:
    rates = ErrorRates()
    assert rates.strict == pytest.approx(4.8828125e-10)
    assert rates.strict * rates.claims_cap * rates.suspects_cap == pytest.approx(1e-6)


@pytest.mark.parametrize("parties", range(1, 20))
def test_the_suspects_of_a_claim_are_split_among_its_parties_and_each_gets_one(parties: int) -> None:
    shares = ErrorRates().suspects_for(parties)
    assert len(shares) == parties
    assert sum(shares) == max(8, parties)
    assert max(shares) - min(shares) <= 1
    assert min(shares) >= 1


def test_a_claim_without_parties_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one party"):
        ErrorRates().suspects_for(0)


@pytest.mark.parametrize("name, value", [("false_alarm", 0), ("miss", 1), ("claims_cap", 0), ("suspects_cap", 0)])
def test_rates_and_caps_out_of_range_are_refused_by_name(name: str, value: int) -> None:
    with pytest.raises(ValueError, match=name):
        ErrorRates(**{name: value})


def test_rates_cannot_be_changed_during_a_run() -> None:
    with pytest.raises(FrozenInstanceError):
        ErrorRates().miss = 0.5  # type: ignore[misc]  # frozen, which is what is tested


def test_importing_the_statistics_loads_neither_scipy_nor_torch() -> None:
    program = "import sys, lazy_assay.checks.statistics; sys.exit(bool({'scipy', 'torch'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_both_looks_for_agreement_err_together_at_most_at_miss_and_ten_seeds_reach_the_first() -> None:
    rates = ErrorRates()
    assert rates.look + rates.look_again == pytest.approx(rates.miss)
    assert rates.look_again == pytest.approx(2e-5)
    assert rates.look >= 2.0**-10


def test_one_claim_of_one_confirmation_has_the_whole_rate() -> None:
    assert ErrorRates(false_alarm=0.05, claims_cap=1, suspects_cap=1).strict == 0.05
