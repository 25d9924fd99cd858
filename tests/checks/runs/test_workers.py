from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

IDENTITY, SWEEP, SEARCH = "ghorbani2019.eq13", "ghorbani2019.closure", "daniely2019.corollary3"
VICTIM = "ghorbani2019.eq13:NT/statement"

# Dies in the middle of one item, as a process does that the kernel kills for its memory; each death leaves a mark.
DIES = f"""if task.id == {VICTIM!r}:
    marks = sorted(Path(os.environ["MARKS"]).glob("died.*"))
    if len(marks) < %d:
        (Path(os.environ["MARKS"]) / f"died.{{len(marks)}}").touch()
        os._exit(1)"""


def test_neither_the_number_of_workers_nor_one_that_dies_changes_a_bit_of_a_result(
    run: Callable[..., Any], undisturbed: Any, same: Callable[..., None], sabotage: Callable[[str], Path]
) -> None:
    place = sabotage(DIES % 1)
    finished = run(IDENTITY, SWEEP, SEARCH, "-n", "2")
    assert len(list(place.glob("died.*"))) == 1
    assert finished.outcome.code == 0
    assert f"a worker died in {VICTIM}; it runs again" in finished.outcome.err
    assert sorted(finished.items) == sorted(undisturbed.items)
    same(finished.data, undisturbed.data)


def test_an_item_that_kills_two_workers_is_given_up_and_can_be_resumed(
    run: Callable[..., Any], assay: Callable[..., Any], sabotage: Callable[[str], Path]
) -> None:
    place = sabotage(DIES % 2)
    finished = run(IDENTITY, "-n", "1")
    assert len(list(place.glob("died.*"))) == 2
    assert finished.outcome.code == 4
    assert f"{VICTIM}: its worker died twice" in finished.outcome.err
    assert finished.data["coverage"]["skipped"] == [{"item": VICTIM, "reason": "its worker died twice"}]
    assert VICTIM not in finished.items
    assert finished.data["coverage"]["executed"] == len(finished.items) == 5
    again = assay("run", "--resume", "-n", "0", "--report", finished.folder, "--ledger", finished.ledger)
    assert again.code == 0
    assert finished.items[-1] == VICTIM
    assert finished.data["coverage"]["skipped"] == []
