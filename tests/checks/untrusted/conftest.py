"""Stored files as nobody should write them: sound ones, mutated under a seed, and what no reader may do with them."""

from __future__ import annotations

import copy
import json
import os
import random
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from lazy_assay.checks.engine.registry import tasks
from lazy_assay.checks.engine.summary import data as run_data
from lazy_assay.checks.engine.summary import summarise
from lazy_assay.checks.vocabulary.result import Result, Subject, Tolerance, Verdict

# Each test that takes a seed runs so often, which makes some two thousand mutants; a nightly walk sets more.
SEEDS = int(os.environ.get("ASSAY_MUTANTS", "25"))
CLAIM = "ghorbani2019.eq13"

# A tag and an attribute that no page of ours has: unescaped, they would stand in it as they are.
MARKUP = (
    "<pwn>",
    '"><pwn onpwn="1">',
    "' onpwn='1",
    "--><pwn></style></script><pwn>",
    "<script>pwn()</script>",
    "]]><pwn/>",
    "<![CDATA[<pwn>]]>",
    "&lt;pwn&gt;",
    "![pwn](http://pwn.example/)",
    "[pwn](javascript:pwn) @pwn #1 www.pwn.example",
    "{{ 7 * 191 }}{% raw %}",
    "[bold]pwn[/bold]",
    "\x1b]0;pwn\x07\x1b[31m",
    "| pwn |\n\n# pwn\n",
)
PATHS = ("../../pwn", "/pwn", "~/pwn", "C:\\pwn", "pwn\x00", ".", "..", "file:///pwn", "$HOME/pwn", "a" * 300)
CODE = ("__import__('os').system('touch pwn')", "lazy_assay.checks.cli.main", "!!python/object/apply:os.system")
ODD = ("", " ", "\ud800", "\udfff\ud800", "\u202e", "\ufeff", "\x00", "x" * 10_000, "nan", "inf", "AGREES")
TEXTS = (*MARKUP, *PATHS, *CODE, *ODD)
NUMBERS = (
    0, 1, -1, 2**31, 2**63, -(2**63) - 1, 10**30, 10**400, 0.5, -0.0, 5e-324, 1.7e308, -1.7e308, 1e-160, 1e160,
    float("nan"), float("inf"), float("-inf"),
)  # fmt: skip
OTHERS: tuple[Any, ...] = (None, True, False, [], {}, [[]], {"": None}, [None, 1, "x"], {"pwn": {"pwn": []}})
# What json.dumps would not write: raw text in the place of a value.
DIGITS, DEEP = "9" * 5000, 3000
RAW = (
    DIGITS, f"-{DIGITS}", "1e999", "1E-999", "0x10", "01", "'x'", "undefined", "[" * DEEP, '{"a":' * DEEP,
    "[" * 500 + "]" * 500, '"\\ud83d"', '"\\x"', '"\t"',
)  # fmt: skip
PLACE = "\ue000"


def places(data: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where a value stands in JSON data, as a path of keys and indices."""
    inside = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in inside:
        yield (*at, key)
        yield from places(value, (*at, key))


def wild(rng: random.Random) -> Any:
    """A value that was not meant, of any type."""
    kind = rng.randrange(5)
    if kind == 0:
        return rng.choice(TEXTS)
    if kind == 1:
        return rng.choice(NUMBERS)
    if kind == 2:
        return rng.choice(MARKUP) + rng.choice(TEXTS)
    if kind == 3:
        inside: Any = rng.choice(TEXTS)
        for _ in range(rng.choice((1, 3, 60))):
            inside = [inside] if rng.random() < 0.5 else {rng.choice(("a", "pwn", "claim")): inside}
        return inside
    return copy.deepcopy(rng.choice(OTHERS))


def kin(value: Any, rng: random.Random) -> Any:
    """Another value of the same type: what looks right, and is not."""
    if isinstance(value, bool) or value is None:
        return not value
    if isinstance(value, (int, float)):
        return rng.choice(NUMBERS)
    if isinstance(value, str):
        return rng.choice((rng.choice(TEXTS), value + rng.choice(TEXTS), value[: len(value) // 2], value.upper()))
    if isinstance(value, bytes):
        return rng.choice((b"", value[: len(value) // 2], value + b"x", value[::-1]))
    if isinstance(value, list):
        return rng.choice(([], value * 3, [*value, wild(rng)], value[:1], value[::-1]))
    return rng.choice(({}, {**value, rng.choice(TEXTS): wild(rng)}, {key.upper(): it for key, it in value.items()}))


def mutated(data: Any, rng: random.Random) -> tuple[Any, dict[str, str]]:
    """The data with up to three values dropped, renamed, moved or replaced, and the raw text that marks stand for."""
    data = copy.deepcopy(data)
    raw: dict[str, str] = {}
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        found = list(places(data))
        if not found:
            break
        *way, last = rng.choice(found)
        inside = data
        for step in way:
            inside = inside[step]
        kind = rng.randrange(7)
        if kind == 0:
            del inside[last]
        elif kind == 1:
            inside[last] = wild(rng)
        elif kind in (2, 3):
            inside[last] = kin(inside[last], rng)
        elif kind == 4 and isinstance(inside, dict):
            inside[rng.choice((str(last).upper(), rng.choice(TEXTS)))] = inside.pop(last)
        elif kind == 5:
            mark = f"{PLACE}{len(raw)}"
            inside[last], raw[json.dumps(mark)] = mark, rng.choice(RAW)
        else:
            other = rng.choice(found)
            inside[last] = copy.deepcopy(_at(data, other))
    return data, raw


def _at(data: Any, way: tuple[Any, ...]) -> Any:
    for step in way:
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            return None
    return data


def spoilt(text: bytes, rng: random.Random) -> bytes:
    """Bytes with some of them lost, doubled, turned or added."""
    at, to = sorted(rng.randrange(len(text) + 1) for _ in range(2))
    return rng.choice(
        (
            lambda: text[:at],
            lambda: text[:at] + text[to:],
            lambda: text[:to] + text[at:],
            lambda: text[:at] + rng.randbytes(rng.choice((1, 8, 200))) + text[at:],
            lambda: text[:at] + bytes(255 - byte for byte in text[at : at + 1]) + text[at + 1 :],
            lambda: b"\xef\xbb\xbf" + text,
            lambda: text.decode(errors="replace").encode("utf-16"),
            lambda: text.replace(b'"', b"'", rng.choice((1, 5))),
            lambda: text + text,
            lambda: b"",
            lambda: rng.randbytes(64),
            lambda: b"[" * 200_000,
            lambda: text.replace(b"{", b'{"item": 1, "item": 2, ', 1),
        )
    )()


def mutant(data: Any, rng: random.Random) -> bytes:
    """JSON text of mutated data, or mutated text."""
    if rng.random() < 0.2:
        return spoilt(json.dumps(data).encode(), rng)
    told, raw = mutated(data, rng)
    text = json.dumps(told)
    for mark, written in raw.items():
        text = text.replace(mark, written)
    return text.encode() if rng.random() < 0.7 else _unescaped(text)


def _unescaped(text: str) -> bytes:
    """The text with its escapes of letters written out, lone surrogates too."""
    written = re.sub(r"(?<!\\)\\u[d-f][0-9a-f]{3}", lambda found: chr(int(found[0][2:], 16)), text)
    return written.encode(errors="surrogatepass")


# -- what tests take ---------------------------------------------------------------------------------------------------


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that takes a seed runs under each."""
    if "seed" in metafunc.fixturenames:
        metafunc.parametrize("seed", range(SEEDS))


@pytest.fixture
def rng(seed: int, request: pytest.FixtureRequest) -> random.Random:
    """What chooses the mutations of this test."""
    return random.Random(f"{request.function.__name__} {seed}")


@pytest.fixture
def mutate() -> Callable[[Any, random.Random], bytes]:
    """JSON text of mutated data, or mutated text."""
    return mutant


@pytest.fixture
def change() -> Callable[[Any, random.Random], Any]:
    """Mutated data."""
    return lambda data, rng: mutated(data, rng)[0]


@pytest.fixture
def spoil() -> Callable[[bytes, random.Random], bytes]:
    """Mutated bytes."""
    return spoilt


@pytest.fixture
def found() -> list[Result]:
    """Results of one claim, of every task, with a sweep, decoys, a control and one that did not run."""
    results = []
    for task in tasks(CLAIM):
        common: dict[str, Any] = {"claim": CLAIM, "part": task.part.name, "task": task.id, "profile": "quick"}
        common |= {"check": task.name, "route": task.name, "subject": Subject.CLAIM, "verdict": Verdict.AGREES}
        for place in range(3):
            estimate = 0.5 - 0.1 * place
            more = {"predicted": estimate + 1e-3, "estimate": estimate, "interval": (estimate - 0.01, estimate + 0.01)}
            more |= {"configuration": {"rho": 0.25 * (place + 1), "B": "identity"}, "trials": 500, "resolution": 0.02}
            tolerance = Tolerance(finite_size=1e-3, monte_carlo=0.01, sources={"finite_size": "next order, derived"})
            results.append(Result(**{**common, **more}, tolerance=tolerance, figures={"deviation": 0.2}))
        other = {**common, "configuration": {"rho": 0.5}, "predicted": 0.5, "estimate": 0.4, "interval": (0.39, 0.41)}
        for decoy in task.part.decoys:
            wrong = {"subject": Subject.DECOY, "decoy": decoy.name, "verdict": Verdict.DISAGREES, "message": "refuted"}
            results.append(Result(**{**other, **wrong}))
        results.append(Result(**{**other, "subject": Subject.CONTROL, "assumption": "A1"}))
        results.append(Result(**{**other, "verdict": Verdict.NOT_RUN, "case": "absent", "message": "no data"}))
    return results


@pytest.fixture
def stored(found: list[Result]) -> dict[str, Any]:
    """A run's data, as in results.json."""
    mine = {task.id: [result for result in found if result.task == task.id] for task in tasks(CLAIM)}
    words = {"id": "20261122-085000", "profile": "quick", "commit": "0123456789ab", "device": "cpu", "dtype": "float64"}
    words |= {"started": "2026-11-22T08:50:00+00:00", "finished": "2026-11-22T08:52:11+00:00", "command": "assay run"}
    words |= {"device_class": "cpu", "device_reason": "cpu was asked for", "instruction_set": "AVX512"}
    numbers = {"seconds": 131.2, "entropy": 1, "threads": 1, "tf32": False, "exit_code": 0}
    head: dict[str, Any] = {**words, **numbers, "versions": {"python": "3.12.3"}, "selection": [CLAIM]}
    told = run_data(summarise(mine, [CLAIM]), head, {}, {CLAIM: "refuted"})
    erratum = {"claim": CLAIM, "part": "RF", "gravity": "a constant", "locator": "Eq. (13)", "printed": "2"}
    erratum |= {"corrected": "3", "derivation": "by hand", "evidence": "none", "as_printed_verdict": "refuted"}
    skipped = [{"item": "fake2024.figure2", "reason": "the data set is absent"}]
    told = {**told, "errata": [erratum], "coverage": {**told["coverage"], "skipped": skipped}}
    loaded: dict[str, Any] = json.loads(json.dumps(told))
    return loaded


# -- what no reader may do ---------------------------------------------------------------------------------------------

# What would run something, or reach somebody.
RUNS = ("os.system", "os.exec", "os.posix_spawn", "os.fork", "subprocess.Popen", "pickle.find_class", "socket.connect")
CHANGES = ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.symlink", "os.link", "os.truncate", "sqlite3.connect")
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_EVENTS: list[tuple[str, Any]] = []
_WATCHED: list[bool] = []


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    if _WATCHED and (event in RUNS or event in CHANGES or (event == "open" and (arguments[2] or 0) & WRITES)):
        _EVENTS.append((event, arguments))


sys.addaudithook(_audit)


@pytest.fixture
def harmless(tmp_path: Path) -> Callable[[], AbstractContextManager[None]]:
    """While it is open nothing is started and nothing is written but below this test's folder."""

    @contextmanager
    def watch() -> Iterator[None]:
        _EVENTS.clear()
        _WATCHED.append(True)
        try:
            yield
        finally:
            _WATCHED.clear()
        outside = [(event, told) for event, told in _EVENTS if event in RUNS or not _inside(tmp_path, told)]
        assert not outside

    return watch


def _inside(folder: Path, arguments: tuple[Any, ...]) -> bool:
    # A module that is imported for the first time may be compiled then.
    names = [os.fsdecode(it) for it in arguments if isinstance(it, (str, bytes, os.PathLike))]
    paths = [Path(name.removeprefix("file:").partition("?")[0]) for name in names if "__pycache__" not in name]
    return all((Path.cwd() / path).resolve().is_relative_to(folder.resolve()) for path in paths)


@pytest.fixture(autouse=True)
def _at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty working folder, below the test's own, and a user without a ledger."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
