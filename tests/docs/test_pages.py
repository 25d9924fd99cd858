import re
import shlex
from pathlib import Path
from typing import Any

import pytest

DOCS = Path(__file__).parents[2] / "docs"
PAGES = [path for folder in ("tutorials", "instruments") for path in sorted((DOCS / folder).glob("*.md"))]


def blocks(path: Path, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", path.read_text(encoding="utf-8"), re.DOTALL)


PYTHON = [path for path in PAGES if blocks(path, "python")]
SHELL = [path for path in PAGES if blocks(path, "sh")]


@pytest.mark.parametrize("path", PYTHON, ids=lambda path: path.stem)
def test_what_a_page_shows_in_python_runs(path: Path) -> None:
    names: dict[str, Any] = {}
    for block in blocks(path, "python"):
        exec(compile(block, str(path), "exec"), names)


@pytest.mark.parametrize("path", SHELL, ids=lambda path: path.stem)
def test_what_a_page_shows_of_the_command_line_runs(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lazy_assay.checks.cli.main import run_command

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    for command in "".join(blocks(path, "sh")).splitlines():
        words = shlex.split(command)
        assert words[0] == "assay"
        assert run_command(words[1:]) == 0, command


def test_every_instrument_of_the_face_has_a_page() -> None:
    shown = "".join(path.read_text(encoding="utf-8") for path in (DOCS / "instruments").glob("*.md"))
    for name in ("empirical_ntk", "limiting_kernels", "certified_rank", "analyticity", "TwoPhase", "optimality_gap"):
        assert name in shown
