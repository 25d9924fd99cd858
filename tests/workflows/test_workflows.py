from __future__ import annotations

import configparser
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from lazy_assay.checks.executors import budget

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / ".github" / "workflows"
FILES = sorted(FOLDER.glob("*.yml"))
INPUTS = {
    "DEVICE": "cpu", "SHARD": "2/4", "PROFILE": "nightly", "ENTROPY": "7", "BUDGET": "5h", "MINUTES": "345",
}  # fmt: skip

# Stands in for Python's venv, pip and assay: writes down how it was called, and leaves what assay would.
STANDIN = """#!/bin/bash
echo "$(basename "$0") $*" >> "$CALLS"
case "$*" in
  "-m venv .venv") mkdir -p .venv/bin; for name in pip assay; do ln -sf "$STANDIN" .venv/bin/$name; done
                   printf '#!/bin/sh\\nexec "%s" "$@"\\n' "$PYTHON" > .venv/bin/python; chmod +x .venv/bin/python ;;
  *--dry-run*) ;;
  run*|report*) for folder in assay-report night; do
                  case "$*" in *$folder*) mkdir -p $folder; echo "a night" > $folder/summary.md ;; esac
                done; exit "$CODE" ;;
esac
"""


def workflow(name: str) -> dict[Any, Any]:
    # YAML reads the key `on` as a truth.
    read: dict[Any, Any] = yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))
    return read


def test_the_workflow_files_are_what_the_schema_of_workflows_allows() -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows"]
    done = subprocess.run([*command, *map(str, FILES)], capture_output=True, text=True, check=False)
    assert len(FILES) == 2
    assert done.returncode == 0, done.stdout


def test_the_schema_would_tell_a_misspelt_key(tmp_path: Path) -> None:
    wrong = (FOLDER / "assay.yml").read_text(encoding="utf-8").replace("runs-on:", "run-on:")
    (tmp_path / "wrong.yml").write_text(wrong, encoding="utf-8")
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows"]
    assert subprocess.run([*command, str(tmp_path / "wrong.yml")], capture_output=True, check=False).returncode == 1


def test_a_shard_begins_with_its_device_and_always_tells_what_it_found() -> None:
    job = workflow("assay.yml")["jobs"]["run"]
    assert "nvidia-smi" in job["steps"][0]["run"]
    assert "head.repo.full_name == github.repository" in job["if"]
    told = [step for step in job["steps"] if "upload" in step.get("uses", "") or step.get("name") == "summary"]
    assert [step["if"] for step in told] == ["always()", "always()"]
    asked = set(workflow("assay.yml")[True]["workflow_call"]["inputs"])
    assert asked >= {"runner", "shard", "profile", "entropy", "budget"}


def test_a_night_is_all_of_its_shards_and_one_merge_that_waits_for_them() -> None:
    told = workflow("nightly.yml")
    night, merge = told["jobs"]["night"], told["jobs"]["merge"]
    shards = night["strategy"]["matrix"]["shard"]
    assert night["strategy"]["fail-fast"] is False
    assert shards == [f"{place}/{len(shards)}" for place in range(1, len(shards) + 1)]
    assert (merge["needs"], merge["if"]) == ("night", "always()")
    assert set(told[True]) == {"schedule", "workflow_dispatch"}
    default = told[True]["workflow_dispatch"]["inputs"]["budget"]["default"]
    assert budget.seconds(default) < 60 * night["with"]["minutes"]
    assert set(night["with"]) <= set(workflow("assay.yml")[True]["workflow_call"]["inputs"])


def test_a_night_draws_ten_times_the_modules_that_a_pull_request_draws() -> None:
    assert "tox run -e drawn" in workflow("nightly.yml")["jobs"]["drawn"]["steps"][-1]["run"]
    drawn = configparser.ConfigParser(interpolation=None)
    drawn.read(ROOT / "tox.ini", encoding="utf-8")
    told = drawn["testenv:drawn"]
    numbers = dict(re.findall(r"(ASSAY_\w+) = (\d+)", told["set_env"]))
    read: set[str] = set()
    for path in re.findall(r"tests/[\w/.]+", told["commands"]):
        for file in [ROOT / path] if path.endswith(".py") else (ROOT / path).glob("test_*.py"):
            found = re.search(r'environ\.get\("(ASSAY_\w+)", "(\d+)"', file.read_text(encoding="utf-8"))
            assert found
            assert int(numbers[found[1]]) >= 6 * int(found[2])
            read.add(found[1])
    assert read == set(numbers)
    assert int(numbers["ASSAY_GENERATED_MODULES"]) >= 2000


@pytest.fixture
def steps(tmp_path: Path) -> Callable[..., list[str]]:
    """Runs the shell steps of a job in order, as a runner does; the calls that were made."""

    def run(job: dict[str, Any], code: int = 0, **inputs: str) -> list[str]:
        place = tmp_path / "stand-in"
        place.mkdir(exist_ok=True)
        for name in ("standin", "python3", "nvidia-smi"):
            (place / name).write_text(STANDIN, encoding="utf-8")
            (place / name).chmod(0o755)
        names = ("GITHUB_STEP_SUMMARY", "GITHUB_ENV", "GITHUB_OUTPUT")
        environment = {**os.environ, **INPUTS, **inputs, **{name: str(tmp_path / name) for name in names}}
        environment |= {"CALLS": str(tmp_path / "calls"), "CODE": str(code), "STANDIN": str(place / "standin")}
        environment |= {"PYTHON": sys.executable, "PATH": f"{place}{os.pathsep}{os.environ['PATH']}"}
        for step in (step for step in job["steps"] if "run" in step):
            command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
            done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
            assert done.returncode == 0, (step["name"], done.stderr)
        calls = tmp_path / "calls"
        return calls.read_text(encoding="utf-8").splitlines() if calls.exists() else []

    return run


@pytest.mark.parametrize("code", [0, 3])
def test_the_steps_of_a_shard_run_one_after_another(steps: Callable[..., list[str]], tmp_path: Path, code: int) -> None:
    calls = steps(workflow("assay.yml")["jobs"]["run"], code)
    assert calls[:2] == ["python3 -m venv .venv", "pip install -q -c constraints.txt -e .[data]"]
    assert "--dry-run" in calls[2]
    assert calls[3].startswith("assay run -n auto --profile nightly --entropy 7 --budget 5h --shard 2/4 --device cpu")
    assert (tmp_path / "GITHUB_STEP_SUMMARY").read_text() == "a night\n"
    assert (tmp_path / "GITHUB_ENV").read_text() == "name=shard-2-of-4-cpu\n"


def test_a_shard_on_a_gpu_asks_for_the_device_first_and_takes_the_torch_that_fits(
    steps: Callable[..., list[str]],
) -> None:
    calls = steps(workflow("assay.yml")["jobs"]["run"], DEVICE="cuda")
    assert calls[0].strip() == "nvidia-smi"
    assert "-c constraints.txt" not in calls[2]


@pytest.mark.parametrize("changes", [{"code": 1}, {"BUDGET": "6h"}])
def test_a_shard_fails_where_a_status_differs_or_its_timeout_is_below_its_budget(
    steps: Callable[..., list[str]], changes: dict[str, Any]
) -> None:
    with pytest.raises(AssertionError, match=r"run|timeout"):
        steps(workflow("assay.yml")["jobs"]["run"], **changes)


def test_the_steps_of_the_merge_make_one_report_and_verify_the_ledger(
    steps: Callable[..., list[str]], tmp_path: Path
) -> None:
    for shard in ("1-of-2", "2-of-2"):
        (tmp_path / "shards" / f"shard-{shard}-cpu" / "canary").mkdir(parents=True)
    calls = steps(workflow("nightly.yml")["jobs"]["merge"])
    words = [call.split()[:3] for call in calls]
    assert words[2:] == [["assay", "ledger", "merge"], ["assay", "ledger", "verify"], ["assay", "report", words[4][2]]]
    assert calls[2].count("/canary") == 2
    assert (tmp_path / "GITHUB_STEP_SUMMARY").read_text() == "a night\n"


def test_every_shard_of_a_night_gets_one_entropy(steps: Callable[..., list[str]], tmp_path: Path) -> None:
    job = workflow("nightly.yml")["jobs"]["entropy"]
    steps(job, ASKED="")
    steps(job, ASKED="12")
    fresh, asked = (tmp_path / "GITHUB_OUTPUT").read_text().splitlines()
    assert fresh.removeprefix("entropy=").isdigit()
    assert asked == "entropy=12"
