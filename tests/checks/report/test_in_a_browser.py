from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND",
)
CUT_OFF = """
return [...document.querySelectorAll('.cell, .cell span, h1, figure, .legend li')]
  .filter(e => e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display !== 'inline')
  .map(e => e.className + ': ' + e.textContent.trim());
"""
BEYOND = """
return [...document.querySelectorAll('body *')]
  .filter(e => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
  .filter(e => !e.closest('.scroll, .formula, .spoken'))
  .map(e => e.tagName + '.' + (e.className.baseVal ?? e.className));
"""
TEXT_OUTSIDE = """
return [...document.querySelectorAll('svg.picture text')]
  .filter(t => { const a = t.getBoundingClientRect(), b = t.closest('svg').getBoundingClientRect();
                 return a.width && (a.left < b.left - 1 || a.right > b.right + 1); })
  .map(t => t.textContent);
"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    if CHROMIUM is None or DRIVER is None:
        pytest.skip("no Chromium with its driver on this machine")
    webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    # The page's own JavaScript is off; what the driver asks of the layout still runs.
    driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    yield driver
    driver.quit()


@pytest.fixture(params=[1280, 400])
def opened(request: pytest.FixtureRequest, browser: Any, page: Path) -> Any:
    size = {"width": request.param, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    browser.get(page.as_uri())
    return browser


def test_the_first_line_is_the_first_thing_on_the_page_without_javascript(opened: Any) -> None:
    line = opened.find_element("id", "first-line")
    assert line.text.replace("\n", " ").startswith("? 2 of 4 claims as expected · 2 changed since 2026-11-21")
    assert opened.find_element("tag name", "body").text.startswith(line.text)
    assert line.rect["y"] < 60


def test_the_page_does_not_scroll_sideways_and_no_cell_is_cut_off(opened: Any) -> None:
    metrics = opened.execute_cdp_cmd("Page.getLayoutMetrics", {})
    assert metrics["cssContentSize"]["width"] <= metrics["cssLayoutViewport"]["clientWidth"]
    assert opened.execute_script(CUT_OFF) == []
    assert opened.execute_script(BEYOND) == []


def test_the_words_of_a_picture_stay_inside_it(opened: Any) -> None:
    assert opened.execute_script(TEXT_OUTSIDE) == []


def test_a_table_of_results_opens_without_javascript_and_scrolls_in_its_own_box(opened: Any) -> None:
    opened.find_element("css selector", "details.results summary").click()
    table = opened.find_element("css selector", "details.results[open] .scroll")
    assert table.is_displayed()
    assert "assay replay" in table.text
    metrics = opened.execute_cdp_cmd("Page.getLayoutMetrics", {})
    assert metrics["cssContentSize"]["width"] <= metrics["cssLayoutViewport"]["clientWidth"]


def test_formulas_are_laid_out_as_mathematics(opened: Any) -> None:
    fraction = opened.find_element("css selector", "mfrac")
    above, below = fraction.find_elements("xpath", "./*")
    assert above.rect["y"] < below.rect["y"]


def test_no_request_leaves_the_machine_and_the_console_is_silent(opened: Any) -> None:
    log = "\n".join(
        entry["message"] for entry in opened.get_log("performance") if "requestWillBeSent" in entry["message"]
    )
    assert "file://" in log
    assert '"url":"http' not in log
    assert opened.get_log("browser") == []
