from __future__ import annotations

import builtins
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import lazy_assay
from lazy_assay import sims
from lazy_assay.theory import CollectionError, UnloadedClaimError

SIMULATION = """
from lazy_assay.sims import Stream
def draws(*, a: float, b: float, trials: int, entropy: int, device: str = "cpu", dtype: str = "float64"):
    return (a + b) ** 2 + Stream(entropy, device, dtype).normal(trials)
"""
CHECK = """
from lazy_assay.checks import Check, Means, OneOf, Resolution, Route, Space
from ...sims.noisy import draws
from ...theory.me2026.square import CLAIM
CHECK = Check(claim=CLAIM, procedures=(Means(
    space=Space(draws={{"a": OneOf((1.0,)), {drawn}: OneOf((2.0,))}}, anchors=({{"a": 1.0, "b": 2.0}},)),
    routes=(Route(name="noisy", simulate=draws),), resolution=Resolution(relative=0.1)),))
"""


def test_a_folder_of_claims_is_known_by_their_ids(collection: Callable[..., Path], square: str) -> None:
    known = set(sys.modules)
    lazy_assay.collection(collection("my-claims", theory__me2026__square=square))
    assert lazy_assay.claim("me2026.square").predict(a=1, b=2) == 9
    verdicts = {r.verdict for r in lazy_assay.confront("me2026.square") if r.subject == "claim"}
    assert verdicts == {"AGREES"}
    assert all(name.startswith("lazy_assay.") for name in set(sys.modules) - known if "me2026" in name)
    assert not any("my-claims" in entry for entry in sys.path)


def test_a_simulation_of_a_collection_has_one_stream_wherever_its_folder_lies(
    collection: Callable[..., Path], square: str
) -> None:
    files = {"theory__me2026__square": square, "sims__noisy": SIMULATION}
    lazy_assay.collection(collection("mine", checks__me2026__square=CHECK.format(drawn='"b"'), **files))
    results = lazy_assay.confront("me2026.square")
    assert {r.route for r in results} >= {"noisy"}
    module = sys.modules["lazy_assay.collections.mine.sims.noisy"]
    assert sims.stream_name(module.draws) == "mine.sims.noisy.draws"


def test_a_run_of_a_collection_goes_through_workers(
    collection: Callable[..., Path], square: str, assay: Callable[..., Any]
) -> None:
    folder = collection("mine", theory__me2026__square=square)
    done = assay("run", "--collection", folder, "-n", "2", "--device", "cpu")
    assert done.code == 0, done.err
    data = json.loads(Path("assay-report/results.json").read_text())
    assert [claim["id"] for claim in data["claims"]] == ["me2026.square"]
    assert data["run"]["collections"] == [str(folder)]
    stored = data["results"][0]["id"]
    assert assay("replay", stored, "--report", "assay-report", "--collection", folder).code == 0


def test_a_claim_that_cannot_be_loaded_is_one_line_and_the_rest_goes_on(
    collection: Callable[..., Path], square: str, assay: Callable[..., Any]
) -> None:
    folder = collection("mine", theory__me2026__square=square, theory__me2026__broken="import nothing_of_this_name\n")
    done = assay("run", "--collection", folder, "-n", "0", "--device", "cpu")
    assert done.code == 3
    assert "me2026.broken: not run" in done.err
    assert "theory/me2026/broken.py, line 1: No module named 'nothing_of_this_name'" in done.err
    assert "1 of 2 claims as expected" in done.err
    assert "Traceback" not in done.err
    with pytest.raises(UnloadedClaimError, match=r"broken\.py"):
        lazy_assay.claim("me2026.broken")


def test_a_paper_that_is_taken_is_refused_naming_both_owners(
    collection: Callable[..., Path], square: str, assay: Callable[..., Any]
) -> None:
    folder = collection("mine", theory__ghorbani2019__square=square)
    done = assay("list", "--collection", folder)
    assert done.code == 2
    assert done.err.count("\n") == 1
    assert f"collection {folder}: the paper ghorbani2019 belongs to the built-in claims already" in done.err


def test_two_folders_of_one_paper_are_refused_naming_both(collection: Callable[..., Path], square: str) -> None:
    lazy_assay.collection(collection("one", theory__me2026__square=square))
    with pytest.raises(CollectionError, match=r"two: the paper me2026 belongs to collection .*one already"):
        lazy_assay.collection(collection("two", theory__me2026__other=square))


FAULTS = {
    "a claim without a decoy": (
        {"theory__me2026__square": lambda text: text.replace("decoys=WRONG", "decoys=()")},
        "theory/me2026/square.py, line 7: [me2026.square] decoys: there are none; fill in at least one plausible wrong",
    ),
    "a decoy that is not filled in": (
        {"theory__me2026__square": lambda text: text.replace("published=lambda a, b: a * a + b * b", "published=...")},
        "[me2026.square] decoys: 'no cross term' has no formula yet",
    ),
    "a parameter that nothing declares": (
        {"theory__me2026__square": lambda text: text.replace("lambda a, b: a * a + 2", "lambda a, b, c: a * a + 2")},
        "[me2026.square] published: takes c, which is not a declared parameter",
    ),
    "an unknown domain": (
        {"theory__me2026__square": lambda text: text.replace('a, "a number", Real()', 'a, "a number", "real"')},
        "theory/me2026/square.py, line 7: [me2026.square] parameter a: 'real' is no domain",
    ),
    "a claim of another file": (
        {"theory__me2026__square": lambda text: text.replace("module=__name__", 'module="me2026.circle"')},
        "theory/me2026/square.py: module: CLAIM is about me2026.circle; say __name__",
    ),
    "a check of another claim": (
        {
            "theory__me2026__other": lambda text: text,
            "sims__noisy": lambda text: SIMULATION,
            "checks__me2026__other": lambda text: CHECK.format(drawn='"b"'),
        },
        "checks/me2026/other.py: claim: the check is about me2026.square, not me2026.other",
    ),
    "a check that draws what no domain declares": (
        {"sims__noisy": lambda text: SIMULATION, "checks__me2026__square": lambda text: CHECK.format(drawn='"width"')},
        "no domain declares 'width'",
    ),
}  # fmt: skip


@pytest.mark.parametrize("spoilt, line", FAULTS.values(), ids=FAULTS)
def test_bad_input_is_one_line_that_names_file_and_field(
    spoilt: dict[str, Callable[[str], str]],
    line: str,
    collection: Callable[..., Path],
    square: str,
    assay: Callable[..., Any],
) -> None:
    files = {name: change(square) for name, change in ({"theory__me2026__square": str} | spoilt).items()}
    done = assay("validate", "--collection", collection("mine", **files))
    assert done.code == 2, done.out
    assert line in done.out
    assert "Traceback" not in done.out + done.err


def test_a_collection_may_hold_as_many_claims_as_its_error_budget_is_for(
    collection: Callable[..., Path], square: str
) -> None:
    many = {f"theory__me2026__square{index}": square for index in range(257)}
    with pytest.raises(CollectionError, match="holds 257 claims, and the error budget of a collection is for 256"):
        lazy_assay.collection(collection("mine", **many))


def test_a_stored_run_names_no_code_that_resuming_it_would_run(
    collection: Callable[..., Path], square: str, assay: Callable[..., Any]
) -> None:
    marked = f"import builtins; builtins.ASSAY_EXECUTED = True\n{square}"
    folder = collection("mine", theory__me2026__square=marked)
    planned: dict[str, Any] = {
        "id": "x",
        "started": "2026-11-29T00:00:00+00:00",
        "selection": ["me2026.square"],
        "profile": "quick",
    }
    planned |= {"entropy": 0, "device": "cpu", "device_reason": "", "data_dir": "", "collections": [str(folder)]}
    Path("assay-report").mkdir()
    Path("assay-report", "run.json").write_text(json.dumps(planned | {"refused": []}), encoding="utf-8")
    done = assay("run", "--resume", "-n", "0")
    assert done.code == 2
    assert done.err.count("\n") == 1
    assert f"--collection {folder}" in done.err
    assert not hasattr(builtins, "ASSAY_EXECUTED")


def test_a_run_of_a_collection_is_resumed_with_its_collection(
    collection: Callable[..., Path], square: str, assay: Callable[..., Any]
) -> None:
    folder = collection("mine", theory__me2026__square=square)
    assert assay("run", "--collection", folder, "-n", "0", "--device", "cpu").code == 0
    assert assay("run", "--resume", "--collection", folder, "-n", "0").code == 0


@pytest.mark.parametrize(
    "settings, option", [("assay_collections = mine", []), ("", ["--assay-collection", "mine"])], ids=["ini", "option"]
)
def test_pytest_confronts_a_collection_that_its_ini_file_or_an_option_names(
    collection: Callable[..., Path], square: str, settings: str, option: list[str], tmp_path: Path
) -> None:
    folder = collection("mine", theory__me2026__square=square)
    (tmp_path / "pytest.ini").write_text(f"[pytest]\n{settings}\n", encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-n", "0", "-q", *option, str(folder)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "passed" in done.stdout
