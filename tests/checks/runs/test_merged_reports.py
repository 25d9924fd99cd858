from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

Assay = Callable[..., Any]


def folder(place: Path, data: dict[str, Any], **run: Any) -> Path:
    """A report folder with these data."""
    place.mkdir()
    told = {**data, "run": {**data["run"], **run}}
    (place / "results.json").write_text(json.dumps(told), encoding="utf-8")
    return place


def shard(data: dict[str, Any], place: int) -> dict[str, Any]:
    """Every second item of a run."""
    items = list(dict.fromkeys(row["task"] for row in data["results"]))
    mine = [row for row in data["results"] if items.index(row["task"]) % 2 == place]
    left = [{"item": item, "reason": "not run"} for index, item in enumerate(items) if index % 2 != place]
    return {**data, "results": mine, "coverage": {**data["coverage"], "skipped": left}}


def test_the_shards_of_a_run_make_the_report_of_the_run(assay: Assay, undisturbed: Any, tmp_path: Path) -> None:
    whole = undisturbed.data
    parts = [folder(tmp_path / f"shard{place}", shard(whole, place), id=f"shard{place}") for place in (0, 1)]
    outcome = assay("report", *parts, "--out", tmp_path / "out", "--ledger", f"sqlite:///{tmp_path / 'none.sqlite'}")
    told = json.loads((tmp_path / "out" / "results.json").read_text(encoding="utf-8"))
    assert outcome.code == whole["run"]["exit_code"], outcome
    assert told["claims"] == whole["claims"]
    assert told["coverage"] == whole["coverage"]
    assert {row["id"] for row in told["results"]} == {row["id"] for row in whole["results"]}
    assert told["run"]["id"].startswith("merged-")
    assert (tmp_path / "out" / "index.html").is_file()


def test_a_result_that_differs_between_two_runs_is_told(assay: Assay, undisturbed: Any, tmp_path: Path) -> None:
    one, other = undisturbed.data, undisturbed.data
    other["results"][0] |= {"seconds": 99.0}
    other["results"][1] |= {"estimate": 0.5, "trials": 7}
    parts = [folder(tmp_path / "one", one), folder(tmp_path / "other", other)]
    outcome = assay("report", *parts, "--out", tmp_path / "out", "--ledger", f"sqlite:///{tmp_path / 'none.sqlite'}")
    assert outcome.err.count("differs between two of the runs") == 1
    assert one["results"][1]["id"] in outcome.err


def test_runs_that_are_no_parts_of_one_are_refused(assay: Assay, undisturbed: Any, tmp_path: Path) -> None:
    parts = [folder(tmp_path / "one", undisturbed.data), folder(tmp_path / "other", undisturbed.data, entropy=7)]
    ledger = ("--ledger", f"sqlite:///{tmp_path / 'none.sqlite'}")
    outcome = assay("report", *parts, "--out", tmp_path / "out", *ledger)
    assert outcome.code == 2
    assert outcome.is_one_line()
    assert "runs of one entropy" in outcome.err
    assert assay("report", parts[0], tmp_path, "--out", tmp_path / "out", *ledger).code == 2
    assert assay("report", *parts, "--out", parts[0], *ledger).code == 2
    assert not (tmp_path / "out").exists()
