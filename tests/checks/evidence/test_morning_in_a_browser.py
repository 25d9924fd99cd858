from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lazy_assay.checks.ledger import Ledger
from lazy_assay.checks.ledger.evidence.morning import morning
from lazy_assay.checks.report import morning as page


@pytest.fixture(params=[1280, 400])
def opened(request: pytest.FixtureRequest, browser: Any, story: Ledger, tmp_path: Path) -> Any:
    size = {"width": request.param, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    browser.get(page.write(morning(story), tmp_path).as_uri())
    return browser


def test_the_morning_is_readable_without_javascript_and_does_not_scroll_sideways(
    opened: Any, beyond: Callable[[Any], list[str]]
) -> None:
    line = opened.find_element("id", "first-line")
    assert line.text.replace("\n", " ").startswith("✗ 1 worse · 1 new · 1 not run")
    assert opened.find_element("tag name", "body").text.startswith(line.text)
    metrics = opened.execute_cdp_cmd("Page.getLayoutMetrics", {})
    assert metrics["cssContentSize"]["width"] <= metrics["cssLayoutViewport"]["clientWidth"]
    assert beyond(opened) == []
    # Of the browser's own first tab nothing: its script may be cut off when scripts are.
    assert [entry for entry in opened.get_log("browser") if "chrome://" not in entry["message"]] == []
    words = opened.find_element("tag name", "main").text
    for told in ("By device", "Biases found over nights", "coin2026.theorem1", "the code moved", "c000003"):
        assert told in words
