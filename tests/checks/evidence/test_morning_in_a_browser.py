from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lazy_assay.checks.ledger import Ledger
from lazy_assay.checks.ledger.evidence.morning import morning
from lazy_assay.checks.report import morning as page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--host-resolver-rules=MAP * ~NOTFOUND")
BEYOND = """
return [...document.querySelectorAll('body *')]
  .filter(e => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
  .filter(e => !e.closest('.scroll, .spoken'))
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
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    yield driver
    driver.quit()


@pytest.fixture(params=[1280, 400])
def opened(request: pytest.FixtureRequest, browser: Any, story: Ledger, tmp_path: Path) -> Any:
    size = {"width": request.param, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    browser.get(page.write(morning(story), tmp_path).as_uri())
    return browser


def test_the_morning_is_readable_without_javascript_and_does_not_scroll_sideways(opened: Any) -> None:
    line = opened.find_element("id", "first-line")
    assert line.text.replace("\n", " ").startswith("✗ 1 worse · 1 new · 1 not run")
    assert opened.find_element("tag name", "body").text.startswith(line.text)
    metrics = opened.execute_cdp_cmd("Page.getLayoutMetrics", {})
    assert metrics["cssContentSize"]["width"] <= metrics["cssLayoutViewport"]["clientWidth"]
    assert opened.execute_script(BEYOND) == []
    assert opened.execute_script(TEXT_OUTSIDE) == []
    assert opened.get_log("browser") == []
    words = opened.find_element("tag name", "main").text
    for told in ("By device", "Biases found over nights", "coin2026.theorem1", "the code moved", "c000003"):
        assert told in words
