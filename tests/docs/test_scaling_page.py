from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from lazy_assay.checks.scaling import TABLES

PAGE = (Path(__file__).parents[2] / "docs" / "scaling.md").read_text(encoding="utf-8")


def test_the_example_of_the_page_passes() -> None:
    names: dict[str, Any] = {}
    exec("\n".join(re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)), names)
    names["test_my_network_learns_features_at_every_width"]()


def test_every_table_is_on_the_page() -> None:
    assert all(f"`{name}`" in PAGE for name in TABLES)
