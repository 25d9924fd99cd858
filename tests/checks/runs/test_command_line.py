from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lazy_assay import theory

Assay = Callable[..., Any]

THEOREM1, THEOREM2, EQ13 = "ghorbani2019.theorem1", "ghorbani2019.theorem2", "ghorbani2019.eq13"
RISK = "predict ghorbani2019.theorem1 --set rho=0.5 --set B=1,2"
TANGENT = "predict ghorbani2019.theorem2"
RUN = "run ghorbani2019.eq13 -n 0"

REFUSED = {
    "power of an unknown claim": ("power nobody2000.theorem9", "unknown claim nobody2000.theorem9"),
    "power in an unknown profile": ("power ghorbani2019.eq13 --profile slow", "unknown profile 'slow'"),
    "a table of power from nowhere": ("power --table page.md", "--table writes what --out holds"),
    "a table of power that is not measured": ("power --out empty --table page.md", "nothing is measured there yet"),
    "no command": ("", "Missing command"),
    "an unknown command": ("nonsense", "No such command 'nonsense'"),
    "an unknown option": ("list --bogus", "--bogus"),
    "show without a claim": ("show", "Missing argument 'ID'"),
    "show of an unknown claim": ("show nobody2000.theorem9", "unknown claim nobody2000.theorem9"),
    "a claim that is nearly right": ("show ghorbani2019.theorem9", "did you mean ghorbani2019.theorem"),
    "predict without a claim": ("predict", "Missing argument 'ID'"),
    "predict of an unknown claim": ("predict nobody2000.theorem9", "unknown claim"),
    "no parameter at all": (TANGENT, "missing parameter rho; it takes rho, B"),
    "a missing parameter": (f"{TANGENT} --set rho=0.5", "missing parameter B"),
    "a missing activation": (f"{RISK} --set Gamma=0.5,0.5", "missing parameter activation"),
    "a missing regime": (f"predict {EQ13} --set rho=1 --set B=1,2", "missing parameter regime; one of RF, NT, NN"),
    "an unknown regime": (f"predict {EQ13} --set regime=XX --set rho=1 --set B=1,2", "regime must be one of"),
    "an unknown parameter": (f"{TANGENT} --set rho=0.5 --set B=1,2 --set tau=1", "unknown parameter tau"),
    "a parameter twice": (f"{TANGENT} --set rho=0.5 --set rho=0.6 --set B=1,2", "rho twice"),
    "a setting without a value": (f"{TANGENT} --set rho --set B=1,2", "NAME=VALUE"),
    "a setting without a name": (f"{TANGENT} --set =1 --set B=1,2", "NAME=VALUE"),
    "rho = 0": (f"{TANGENT} --set rho=0 --set B=1,2", "rho must be a real number > 0"),
    "rho < 0": (f"{TANGENT} --set rho=-1 --set B=1,2", "rho must be a real number > 0"),
    "rho NaN": (f"{TANGENT} --set rho=nan --set B=1,2", "rho must be a number, got NaN"),
    "rho infinite": (f"{TANGENT} --set rho=inf --set B=1,2", "rho must be a real number"),
    "rho a word": (f"{TANGENT} --set rho=half --set B=1,2", "rho must be a single number"),
    "rho a list": (f"{TANGENT} --set rho=1,2 --set B=1,2", "rho must be a single number"),
    "B with NaN": (f"{TANGENT} --set rho=0.5 --set B=1,nan", "B must be finite in every entry"),
    "B with an infinity": (f"{TANGENT} --set rho=0.5 --set B=1,inf", "B must be finite in every entry"),
    "B of zeros": (f"{TANGENT} --set rho=0.5 --set B=0,0", "B must not be the zero matrix"),
    "B with a word in it": (f"{TANGENT} --set rho=0.5 --set B=1,x", "'1,x' is not a list of numbers"),
    "B empty": (f"{TANGENT} --set rho=0.5 --set B=", "B must be an array"),
    "B with rows of unequal length": (f"{TANGENT} --set rho=0.5 --set 'B=1,2;3'", "B must be an array"),
    "B inline, not symmetric": (f"{TANGENT} --set rho=0.5 --set 'B=1,2;3,4'", "B must be symmetric"),
    "B from a file, not symmetric": (f"{TANGENT} --set rho=0.5 --set B=@asymmetric.npy", "B must be symmetric"),
    "B not square": (f"{TANGENT} --set rho=0.5 --set B=@oblong.npy", "square matrix, got shape (2, 3)"),
    "B of three axes": (f"{TANGENT} --set rho=0.5 --set B=@cube.npy", "got shape (2, 2, 2)"),
    "B of words": (f"{TANGENT} --set rho=0.5 --set B=@words.npy", "it holds <U3, not real numbers"),
    "B pickled": (f"{TANGENT} --set rho=0.5 --set B=@pickled.npy", "cannot be read as a .npy file"),
    "a file that is not .npy": (f"{TANGENT} --set rho=0.5 --set B=@junk.npy", "cannot be read as a .npy file"),
    "a file that is not there": (f"{TANGENT} --set rho=0.5 --set B=@absent.npy", "absent.npy cannot be read"),
    "a folder for a file": (f"{TANGENT} --set rho=0.5 --set B=@.", "cannot be read as a .npy file"),
    "d < 1": (f"{TANGENT} --finite --set d=0 --set N=1 --set B=1,2", "d must be a whole number"),
    "d infinite": (f"{TANGENT} --finite --set d=inf --set N=1 --set B=1,2", "d must be a whole number"),
    "N < 1": (f"{TANGENT} --finite --set d=2 --set N=0 --set B=1,2", "N must be a whole number ≥ 1"),
    "N a fraction": (f"{TANGENT} --finite --set d=2 --set N=1.5 --set B=1,2", "N must be a whole number"),
    "d that is not B's": (f"{TANGENT} --finite --set d=3 --set N=1 --set B=1,2", "B has size 2, but d = 3"),
    "B and Gamma of two sizes": (f"{RISK} --set Gamma=0.2,0.3,0.5 --set activation=relu", "give them one size"),
    "Gamma not PSD": (f"{RISK} --set Gamma=1.5,-0.5 --set activation=relu", "Gamma must be positive semidefinite"),
    "Gamma not of trace 1": (f"{RISK} --set Gamma=1,1 --set activation=relu", "Gamma must have trace 1"),
    "an activation that breaks A1": (f"{RISK} --set Gamma=0.5,0.5 --set activation=linear", "must be one of relu"),
    "an unknown activation": (f"{RISK} --set Gamma=0.5,0.5 --set activation=magic", "must be one of relu"),
    "two formulas at once": (f"{TANGENT} --finite --as-printed", "exclude one another"),
    "a claim without a formula": ("predict ghorbani2019.proposition1", "no published formula"),
    "run of an unknown claim": ("run nobody2000.theorem9", "unknown claim nobody2000.theorem9"),
    "run with one unknown claim": (f"{RUN} nobody2000.theorem9", "unknown claim nobody2000.theorem9"),
    "a GPU that is not there": (f"{RUN} --device cuda:77", "device 'cuda:77' is not available"),
    "a device of no kind": (f"{RUN} --device nonsense", "no device is called 'nonsense'"),
    "an empty device": (f"{RUN} --device ''", "no device is called ''"),
    "a device without numbers": (f"{RUN} --device meta", "holds no numbers"),
    "a second CPU": (f"{RUN} --device cpu:3", "device 'cpu:3' is not available"),
    "an unknown profile": (f"{RUN} --profile huge", "'huge' is not one of 'quick', 'full', 'nightly'"),
    "a negative entropy": (f"{RUN} --entropy -1", "-1 is not in the range"),
    "an entropy in words": (f"{RUN} --entropy lots", "'lots' is not a valid integer"),
    "fewer workers than none": ("run ghorbani2019.eq13 -n -1", "-n '-1' is neither a whole number nor auto"),
    "workers in words": ("run ghorbani2019.eq13 -n two", "-n 'two' is neither"),
    "workers in a digit that counts nothing": ("run ghorbani2019.eq13 -n ²", "-n '²' is neither"),
    "workers without number": ("run ghorbani2019.eq13 -n 100000000000", "is more than 16 workers for each of"),
    "a figure of no machine's size": (
        "figure ghorbani2019.figure1_left --size 1000000000 --dry-run",
        "--size 1000000000: at most 2048 are taken",
    ),
    "a figure wider than the paper's": (
        "figure fang2021.figure11 --size 10001 --dry-run",
        "--size 10001: at most 10000 are taken",
    ),
    "a folder that cannot be made": (f"{RUN} --report /proc/none", "report folder /proc/none cannot be written"),
    "a folder without MNIST": (f"{RUN} --data-dir .", "holds neither train-images-idx3-ubyte nor"),
    "no folder of data": (f"{RUN} --data-dir nowhere", "holds neither train-images-idx3-ubyte nor"),
    "a file for a folder": (f"{RUN} --report junk.npy", "report folder junk.npy cannot be written"),
    "a ledger of another kind": (f"{RUN} --ledger postgres://x", "ledger 'postgres://x' cannot be opened"),
    "a ledger without a path": (f"{RUN} --ledger sqlite:///", "ledger 'sqlite:///' cannot be opened"),
    "a ledger that cannot be made": (f"{RUN} --ledger sqlite:////proc/none/l.sqlite", "name another with --ledger"),
    "a ledger that is a folder": (f"{RUN} --ledger sqlite:///.", "name another with --ledger"),
    "a ledger that is no database": (f"{RUN} --ledger sqlite:///junk.npy", "file is not a database"),
    "nothing to resume": ("run --resume", "nothing to resume in assay-report"),
    "nothing to resume elsewhere": ("run --resume --report nowhere", "nothing to resume in nowhere"),
    "list with a broken ledger": ("list --ledger sqlite:///junk.npy", "file is not a database"),
    "a report of nothing": ("report --ledger sqlite:///absent.sqlite", "holds no run yet"),
    "a report of a broken ledger": ("report --ledger sqlite:///junk.npy", "file is not a database"),
    "replay of nothing": ("replay", "Missing argument 'RESULT'"),
    "replay of an unknown result": ("replay 0123456789ab", "no stored result has an id that begins"),
    "replay from no report": ("replay 0123456789ab --report nowhere", "nowhere holds no results.json"),
}


@pytest.fixture
def files() -> dict[str, bytes]:
    """Arrays that a user may have by mistake, in the working folder; returns the folder's contents."""
    np.save("asymmetric.npy", np.array([[1.0, 2.0], [0.0, 1.0]]))
    np.save("oblong.npy", np.ones((2, 3)))
    np.save("cube.npy", np.ones((2, 2, 2)))
    np.save("words.npy", np.array(["one", "two"]))
    np.save("pickled.npy", np.array([{}], dtype=object), allow_pickle=True)
    Path("junk.npy").write_text("this is no array, and no database either")
    return contents()


def contents() -> dict[str, bytes]:
    """Everything in the working folder and in the user's home beside it."""
    files = sorted(path for path in Path.cwd().parent.rglob("*") if path.is_file())
    return {str(path): path.read_bytes() for path in files}


@pytest.mark.parametrize("mistake", REFUSED)
def test_bad_input_gets_one_line_and_exit_2_and_nothing_is_written(
    assay: Assay, files: dict[str, bytes], mistake: str
) -> None:
    line, complaint = REFUSED[mistake]
    outcome = assay(*shlex.split(line))
    assert outcome.is_one_line(), outcome
    assert complaint in outcome.err
    assert contents() == files
    assert not Path("assay-report").exists()


@pytest.mark.parametrize(
    "line", ["predict ghorbani2019.theorem2 --set rho=-1 --set B=1,2", "run ghorbani2019.eq13 --device cuda:77", ""]
)
def test_a_mistake_shows_no_traceback_to_a_user(command: Assay, line: str) -> None:
    outcome = command(*line.split())
    assert outcome.is_one_line(), outcome
    assert "Traceback" not in outcome.err


def test_help_is_complete_and_short(assay: Assay) -> None:
    told = assay("--help").out
    assert all(name in told for name in ("list", "show", "predict", "run", "report", "replay", "Exit codes"))
    assert len(told.splitlines()) < 32


@pytest.mark.parametrize("name", ["list", "show", "predict", "run", "report", "replay"])
def test_every_command_explains_itself(assay: Assay, name: str) -> None:
    outcome = assay(name, "--help")
    assert outcome.code == 0
    assert f"assay {name}" in outcome.out


def test_the_list_has_a_row_for_every_claim(assay: Assay) -> None:
    rows = assay("list", "--json").data
    assert [row["id"] for row in rows] == list(theory.ids())
    for row in rows:
        claim = theory.claim(row["id"])
        assert (row["kind"], row["source"], row["last"]) == (claim.kind, str(claim.source), None)
        assert row["expected"]


def test_the_list_says_of_a_claim_that_it_never_ran(assay: Assay) -> None:
    lines = assay("list").out.splitlines()
    assert sum("never run" in line for line in lines) == len(theory.ids())


def test_the_list_groups_claims_by_paper_and_gives_their_titles(assay: Assay) -> None:
    lines = assay("list").out.splitlines()
    papers = list(dict.fromkeys(theory.claim(id).source.paper for id in theory.ids()))
    heads = [line for line in lines if not line.startswith(" ")]
    assert heads == [f"{paper.authors} ({paper.year}), {paper.title}" for paper in papers]
    place = lines.index(heads[-1])
    below = [line.split()[0] for line in lines[place + 1 :]]
    assert below == [id for id in theory.ids() if theory.claim(id).source.paper == papers[-1]]
    assert all(line.endswith(theory.claim(line.split()[0]).title) for line in lines[place + 1 :])


def test_what_a_paper_reports_of_an_experiment_is_shown(assay: Assay) -> None:
    told = assay("show", "kawaguchi2021.table1").out
    assert "the paper reports base | two-phase, mean (standard deviation) of 5 runs" in told
    assert "MNIST: 0.41 (0.02) | 0.38 (0.04)" in told
    part = assay("show", "kawaguchi2021.table1", "--json").data["parts"][0]
    assert part["reported"]["rows"]["MNIST"] == [[0.41, 0.02], [0.38, 0.04]]


@pytest.mark.parametrize("id", theory.ids())
def test_every_claim_can_be_shown(assay: Assay, id: str) -> None:
    claim, told, data = theory.claim(id), assay("show", id), assay("show", id, "--json").data
    assert told.code == 0
    assert (data["id"], data["title"], data["kind"]) == (id, claim.title, claim.kind)
    assert [part["sentence"] for part in data["parts"]] == [part.sentence for part in claim.parts]
    for text in (id, claim.title, claim.convention, *data["checks"]):
        assert text in told.out
    for part, shown in zip(claim.parts, data["parts"], strict=True):
        assert set(shown["assumptions"]) == {assumption.name for assumption in part.assumptions}
        assert len(shown["errata"]) == len(part.errata)
        assert part.sentence in told.out


B = np.array([1.0, 0.5, 0.2])
DENSE = np.array([[2.0, 1.0], [1.0, 3.0]])
GAMMA = np.array([0.5, 0.3, 0.2])
PREDICTED: dict[str, tuple[str, dict[str, Any]]] = {
    "a diagonal": ("ghorbani2019.theorem2 --set rho=0.5 --set B=1,0.5,0.2", {"rho": 0.5, "B": B}),
    "a matrix inline": ("ghorbani2019.theorem2 --set rho=0.5 --set 'B=2,1;1,3'", {"rho": 0.5, "B": DENSE}),
    "a matrix in a file": ("ghorbani2019.theorem2 --set rho=0.5 --set B=@dense.npy", {"rho": 0.5, "B": DENSE}),
    "a diagonal in a file": ("ghorbani2019.theorem2 --set rho=0.5 --set B=@diagonal.npy", {"rho": 0.5, "B": B}),
    "an activation": (
        "ghorbani2019.theorem1 --set rho=0.5 --set B=1,0.5,0.2 --set Gamma=0.5,0.3,0.2 --set activation=relu",
        {"rho": 0.5, "B": B, "Gamma": GAMMA, "activation": "relu"},
    ),
    "a regime": ("ghorbani2019.eq13 --set regime=NN --set N=2 --set B=1,0.5,0.2", {"regime": "NN", "N": 2, "B": B}),
    "finite size": ("ghorbani2019.theorem2 --finite --set d=3 --set N=2 --set B=1,0.5,0.2", {"d": 3, "N": 2, "B": B}),
    "as printed": ("ghorbani2019.theorem2 --as-printed --set rho=0.5 --set B=1,0.5,0.2", {"rho": 0.5, "B": B}),
}


# The part that answers; a claim of one part gives it no name.
PARTS = {"an activation": "", "a regime": "NN"}


@pytest.mark.parametrize("way", PREDICTED)
def test_a_prediction_on_the_command_line_is_that_of_theory(assay: Assay, way: str) -> None:
    np.save("dense.npy", DENSE)
    np.save("diagonal.npy", B)
    line, parameters = PREDICTED[way]
    id, *words = shlex.split(line)
    claim = theory.claim(id)
    formulas: dict[str, Callable[..., float]] = {"finite size": claim.predict_finite, "as printed": claim.as_printed}
    value = formulas[way](**parameters) if way in formulas else claim.predict(**parameters)
    part = PARTS.get(way, "limit")
    assert assay("predict", id, *words, "--json").data == {"claim": id, "part": part, "value": float(value)}
    assert assay("predict", id, *words).out == (f"{value:.12g}  part {part}\n" if part else f"{value:.12g}\n")


def test_a_dense_matrix_and_its_eigenvalues_predict_the_same(assay: Assay) -> None:
    spectrum = ",".join(map(repr, np.linalg.eigvalsh(DENSE).tolist()))
    inline = assay("predict", THEOREM2, "--set", "rho=0.25", "--set", "B=2,1;1,3", "--json").data
    assert assay("predict", THEOREM2, "--set", "rho=0.25", "--set", f"B={spectrum}", "--json").data["value"] == (
        pytest.approx(inline["value"], rel=1e-14)
    )


PROBE = """
import json, sys
from lazy_assay.checks.cli.main import run_command
assert run_command(json.loads(sys.argv[1])) == 0
heavy = ("torch", "hypothesis", "pytest", "matplotlib", "jinja2", "sqlalchemy", "scipy.special", "scipy.optimize")
print(*[name for name in heavy if name in sys.modules], file=sys.stderr)
"""


LIMIT = f"{RISK} --set Gamma=0.5,0.5 --set activation=relu"
FINITE = f"{RISK.replace('rho=0.5', 'd=2')} --finite --set N=2 --set Gamma=0.5,0.5 --set activation=erf"


@pytest.mark.parametrize("line", ["list", "show ghorbani2019.theorem1", LIMIT, FINITE])
def test_looking_up_and_predicting_load_nothing_heavy(python: Callable[..., Any], line: str) -> None:
    outcome = python(PROBE, json.dumps(line.split()))
    assert outcome.code == 0, outcome.err
    assert outcome.out
    assert outcome.err == "\n"


ALGEBRA = """
import sys
from lazy_assay.checks.engine.order import Order
from lazy_assay.checks.engine.perform import perform
assert perform(Order(task="ghorbani2019.eq13:NN/derivation")) and perform(Order(task="ghorbani2019.eq13:NN/statement"))
print("torch" in sys.modules)
"""


def test_algebra_does_not_wait_for_torch(python: Callable[..., Any]) -> None:
    outcome = python(ALGEBRA)
    assert (outcome.out, outcome.code) == ("False\n", 0), outcome.err


def test_the_errata_are_listed_gravest_first_and_each_with_what_is_printed_and_right(assay: Assay) -> None:
    rows, told = assay("list", "--errata", "--json").data, assay("list", "--errata")
    order = [list(theory.Gravity).index(theory.Gravity(row["gravity"])) for row in rows]
    assert order == sorted(order)
    assert len(rows) == sum(len(claim.errata) for claim in theory.claims())
    assert all(row["printed"] in told.out and row["corrected"] in told.out for row in rows)


# -- power -----------------------------------------------------------------------------------------------------------


def test_power_is_measured_kept_and_written_as_a_page(assay: Assay) -> None:
    measured = assay("power", EQ13, "--out", "kept", "--table", "page.md", "--entropy", 3)
    assert measured.code == 0
    assert "| all quantitative | 3 | 3/3 | 3/3 | 3/3 |" in measured.out
    page = Path("page.md").read_text()
    assert page.startswith("# What Assay would notice")
    again = assay("power", "--out", "kept", "--table", "again.md")
    assert (again.code, Path("again.md").read_text()) == (0, page)


def test_power_as_json_has_a_row_for_every_part(assay: Assay) -> None:
    rows = json.loads(assay("power", EQ13, "--json").out)
    assert [(row["claim"], row["part"]) for row in rows] == [(EQ13, part.name) for part in theory.claim(EQ13).parts]
    assert all(share["refuted"] == share["judged"] for row in rows for share in row["shares"].values())
