from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from lazy_assay.checks.diagnose.sentences import SENTENCES

PAGE = (Path(__file__).parents[2] / "docs" / "diagnose.md").read_text(encoding="utf-8")


def test_the_example_of_the_page_runs(capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, Any] = {}
    exec("\n".join(re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)), names)
    assert "diagnose: " in capsys.readouterr().out
    assert names["found"].verdict in ("lazy", "not lazy", "undecided")
    names["test_my_network_trains_lazily"]()


def test_every_line_is_on_the_page() -> None:
    plain = [name for name in SENTENCES if " of " not in name]
    assert all(f"`{name}`" in PAGE for name in plain)
