"""How long a report of 10,000 results takes to write, and how large its largest page is.

    python benchmarks/report_pages.py assay-report/results.json [--results 10000]

Repeats a run's own results until there are that many. CPU seconds: of this process, the loading of the claims apart.
"""

from __future__ import annotations

import argparse
import itertools
import json
import tempfile
import time
from pathlib import Path

import lazy_assay.checks.report as checks_report
from lazy_assay import theory


def main() -> None:
    """Print seconds and sizes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="results.json of any run")
    parser.add_argument("--results", type=int, default=10_000)
    options = parser.parse_args()
    data = json.loads(options.data.read_text(encoding="utf-8"))
    data["results"] = list(itertools.islice(itertools.cycle(data["results"]), options.results))
    list(theory.claims())
    with tempfile.TemporaryDirectory() as folder:
        begun, clock = time.process_time(), time.perf_counter()
        checks_report.write(data, Path(folder))
        print(f"{options.results} results of {len(data['claims'])} claims: {time.process_time() - begun:.2f} s of CPU, "
              f"{time.perf_counter() - clock:.2f} s")  # fmt: skip
        pages = sorted(Path(folder).rglob("*.html"), key=lambda page: page.stat().st_size)
        print(f"{len(pages)} pages, the largest {pages[-1].name}: {pages[-1].stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
