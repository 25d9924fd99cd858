from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
PLACES = [folder / "node_modules" / "axe-core" / "axe.min.js" for folder in (ROOT, *ROOT.parents, Path("/usr/lib"))]
AXE = next((path for path in PLACES if path.is_file()), None)
PAGES = (
    "index",
    "errata",
    "power",
    "coverage",
    *(f"claims/fake2024.{name}" for name in ("theorem1", "eq6", "figure1")),
)
FOUND = """
const done = arguments[arguments.length - 1];
document.querySelectorAll('details').forEach(it => it.open = true);
axe.run({resultTypes: ['violations']}).then(
  told => done(told.violations.filter(it => it.impact !== 'minor').map(it => [it.id, it.nodes[0].html])));
"""

pytestmark = pytest.mark.skipif(AXE is None, reason="axe-core is not installed: npm install axe-core")


@pytest.fixture
def reader(browser: Any) -> Iterator[Any]:
    # The tool is a script; the pages have none.

    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
    yield browser
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})


def findings(reader: Any) -> list[list[str]]:
    assert AXE is not None
    reader.execute_script(AXE.read_text(encoding="utf-8"))
    found: list[list[str]] = reader.execute_async_script(FOUND)
    return found


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_that_matters_on_any_page(reader: Any, page: Path, scheme: str) -> None:
    media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    reader.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
    for name in PAGES:
        reader.get((page.parent / f"{name}.html").as_uri())
        assert findings(reader) == [], name


def test_axe_sees_a_picture_without_a_title(reader: Any, tmp_path: Path) -> None:
    path = tmp_path / "bare.html"
    path.write_text('<!DOCTYPE html><html lang="en"><title>a</title><main><h1>a</h1><svg role="img"></svg></main>')
    reader.get(path.as_uri())
    assert ["svg-img-alt", '<svg role="img"></svg>'] in findings(reader)
