"""What every check must pass."""

from __future__ import annotations

from lazy_assay.checks.engine.registry import check, faults, tasks
from lazy_assay.checks.testing._battery import Battery
from lazy_assay.checks.vocabulary.status import WORDS, expectation


class CheckBattery(Battery):
    """Tests of how one claim is confronted. claim: its id."""

    claim: str

    def test_it_can_be_loaded(self) -> None:
        fault = faults([self.claim]).get(self.claim, "")
        assert not fault, fault

    def test_every_part_is_confronted(self) -> None:
        confronted = {task.part.name for task in tasks(self.claim)}
        for part in check(self.claim).claim.parts:
            assert part.name in confronted, f"[{self.claim}] check: nothing confronts the part {part.name!r}"

    def test_no_two_of_its_tasks_have_one_name(self) -> None:
        ids = [task.id for task in tasks(self.claim)]
        twice = sorted({id for id in ids if ids.count(id) > 1})
        assert not twice, f"[{self.claim}] check: two tasks are called {twice[0]}; name one of the procedures"

    def test_its_expectations_are_statuses_with_a_reason(self) -> None:
        found = check(self.claim)
        for part in found.claim.parts:
            expected = expectation(found, part)
            where = f"[{self.claim}] check: expected {part.name!r}"
            assert expected.status in WORDS, f"{where}: {expected.status!r} is no status; {', '.join(WORDS)}"
            assert expected.reason, f"{where}: say why"
