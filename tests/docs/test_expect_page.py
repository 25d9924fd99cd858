from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lazy_assay import expect

PAGE = Path(__file__).parents[2] / "docs" / "expect.md"
CODE = "\n\n".join(re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL))


def examples() -> dict[str, Callable[[], None]]:
    # The page's last example runs while the page is read, in a session of its own.
    names: dict[str, Any] = {"__name__": "page"}
    exec(compile(CODE, str(PAGE), "exec"), names)
    return {name: value for name, value in names.items() if name.startswith("test_")}


EXAMPLES = examples()


@pytest.fixture(autouse=True)
def session() -> Iterator[None]:
    with expect.Session():
        yield


def test_the_page_has_its_examples() -> None:
    assert len(EXAMPLES) == 7


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_of_the_page_passes(name: str) -> None:
    EXAMPLES[name]()


def test_the_declarations_of_the_page_are_the_defaults() -> None:
    declared = dict(re.findall(r"^expect_(\w+) = (\S+)", PAGE.read_text(encoding="utf-8"), re.MULTILINE))
    defaults = expect.Session()
    assert {name: float(declared[name]) for name in ("false_alarm", "checks", "miss", "budget")} == {
        name: float(getattr(defaults, name)) for name in ("false_alarm", "checks", "miss", "budget")
    }
