from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

CUT_OFF = """
return [...document.querySelectorAll('.cell, .cell span:not(.face), h1, figure, .legend li')]
  .filter(e => e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display !== 'inline')
  .map(e => e.className + ': ' + e.textContent.trim());
"""


PAGES = ("index.html", "claims/fake2024.theorem1.html", "errata.html", "power.html", "coverage.html")


@pytest.fixture(params=[(1280, "light"), (400, "dark")], ids=str)
def screen(request: pytest.FixtureRequest, browser: Any) -> Any:
    width, scheme = request.param
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
    return browser


@pytest.fixture
def opened(screen: Any, page: Path) -> Any:
    screen.get(page.as_uri())
    return screen


@pytest.fixture
def theorem(screen: Any, page: Path) -> Any:
    screen.get((page.parent / PAGES[1]).as_uri())
    return screen


def test_the_first_line_is_the_first_thing_on_the_page_without_javascript(opened: Any) -> None:
    line = opened.find_element("id", "first-line")
    assert line.text.replace("\n", " ").startswith("? 3 of 4 parts that ran as expected · 1 changed since 2026-11-21")
    assert opened.find_element("tag name", "body").text.startswith(line.text)
    assert line.rect["y"] < 60


def test_no_page_scrolls_sideways_or_cuts_off_words_or_asks_for_anything(
    screen: Any, page: Path, beyond: Callable[[Any], list[str]]
) -> None:
    for name in PAGES:
        screen.get((page.parent / name).as_uri())
        metrics = screen.execute_cdp_cmd("Page.getLayoutMetrics", {})
        assert metrics["cssContentSize"]["width"] <= metrics["cssLayoutViewport"]["clientWidth"], name
        assert screen.execute_script(CUT_OFF) == []
        assert beyond(screen) == []
    log = "\n".join(
        entry["message"] for entry in screen.get_log("performance") if "requestWillBeSent" in entry["message"]
    )
    assert "file://" in log
    assert '"url":"http' not in log
    # Chromium's own first page has scripts of its own.
    assert [entry for entry in screen.get_log("browser") if "chrome://" not in entry["message"]] == []


def test_a_claim_is_filtered_and_found_without_javascript(opened: Any) -> None:
    shown = "return [...document.querySelectorAll('.cell')].filter(e => e.checkVisibility()).length"
    assert opened.execute_script(shown) == 4
    opened.find_element("id", "show-erratum").click()
    assert opened.execute_script(shown) == 1
    opened.find_element("css selector", ".cell.erratum").click()
    assert opened.current_url.endswith(PAGES[1])


def test_a_table_of_results_opens_without_javascript_and_scrolls_in_its_own_box(theorem: Any) -> None:
    theorem.find_element("css selector", "details.results summary").click()
    table = theorem.find_element("css selector", "details.results[open] .scroll")
    assert table.is_displayed()
    assert "assay replay" in table.text
    metrics = theorem.execute_cdp_cmd("Page.getLayoutMetrics", {})
    assert metrics["cssContentSize"]["width"] <= metrics["cssLayoutViewport"]["clientWidth"]


def test_formulas_are_laid_out_as_mathematics(theorem: Any) -> None:
    theorem.find_element("css selector", "details.symbols-of summary").click()
    fraction = theorem.find_element("css selector", "mfrac")
    above, below = fraction.find_elements("xpath", "./*")
    assert above.rect["y"] < below.rect["y"]


def test_pictures_take_the_colours_of_the_scheme(theorem: Any) -> None:
    asked = "return getComputedStyle(document.querySelector('svg.picture text')).fill"
    dark = theorem.execute_script("return matchMedia('(prefers-color-scheme: dark)').matches")
    red = int(theorem.execute_script(asked).removeprefix("rgb(").split(",")[0])
    assert (red > 128) == dark
