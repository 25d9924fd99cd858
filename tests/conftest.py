"""A browser without JavaScript and without a network, for the pages that Assay makes; runs within a test end soon."""

from __future__ import annotations

import gc
import shutil
from collections.abc import Callable, Iterator
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
BEYOND = """
return [...document.querySelectorAll('body *')]
  .filter(e => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
  .filter(e => !e.closest('.scroll, .formula, .spoken, .face'))
  .map(e => e.tagName + '.' + (e.className.baseVal ?? e.className));
"""
TEXT_OUTSIDE = """
return [...document.querySelectorAll('svg.picture text')]
  .filter(t => { const a = t.getBoundingClientRect(), b = t.closest('svg').getBoundingClientRect();
                 return a.width && (a.left < b.left - 1 || a.right > b.right + 1); })
  .map(t => t.textContent);
"""


@pytest.fixture(scope="session", autouse=True)
def _unswept() -> Iterator[None]:
    """A run within a test ends without pytest's two collections of garbage.

    They look for what nobody could await; of all that these tests have imported they take longer than a small run.
    The pytest around the tests still makes them, and keeps what it has frozen.
    """
    from _pytest import unraisableexception

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(unraisableexception, "gc_collect_harder", lambda iterations: None, raising=False)
        for name in ("freeze", "unfreeze"):
            patch.setattr(gc, name, lambda: None)
        yield


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


@pytest.fixture
def beyond() -> Callable[[Any], list[str]]:
    """What of the page that a driver shows stands beyond its edge, or a picture's letters beyond the picture's."""
    return lambda driver: [*driver.execute_script(BEYOND), *driver.execute_script(TEXT_OUTSIDE)]
