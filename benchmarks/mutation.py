"""Mutation testing of checks/statistics by mutmut: what the tests of the statistics notice when its code is changed.

mutmut changes one expression at a time and runs the tests that reach it. It wants packages where they are imported
from, which links are not: everything is copied to a folder of its own first (`--folder`, by default build/mutation),
where mutmut's results stay for `mutmut results`, `mutmut show NAME`. Settings are in pyproject.toml, [tool.mutmut];
a whole run takes about an hour on one core. docs/mutation.md tells what survives, and why.

    python benchmarks/mutation.py                             # all of checks/statistics
    python benchmarks/mutation.py '*quantile*' '*accounting*'  # mutants by name

Needs: pip install -e '.[test,mutation]'.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TESTS = Path("tests/checks/statistics")
# As `mutmut results` calls them: a mutant that no test reaches is not killed.
KILLED, EXCUSED = ("killed", "timeout", "segfault", "caught by type check"), ("skipped",)


def prepare(folder: Path) -> None:
    """Copies package, tests and settings; what mutmut keeps of earlier runs stays."""
    for name in ("lazy_assay", "tests"):
        shutil.rmtree(folder / name, ignore_errors=True)
    unwanted = shutil.ignore_patterns("__pycache__", "*.pyc")
    shutil.copytree(ROOT / "src" / "lazy_assay", folder / "lazy_assay", symlinks=False, ignore=unwanted)
    shutil.copytree(ROOT / TESTS, folder / TESTS, ignore=unwanted)
    shutil.copy(ROOT / "pyproject.toml", folder)


def mutmut(folder: Path, *arguments: str) -> str:
    """What a command of mutmut prints; the installed package is not in its way."""
    environment = {**os.environ, "PYTHONPATH": "", "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "mutmut", *arguments], cwd=folder, env=environment, text=True, stdout=subprocess.PIPE
    )
    return done.stdout


def tally(folder: Path) -> dict[str, Counter[str]]:
    """How many mutants of each module came to what."""
    found: dict[str, Counter[str]] = {}
    for line in mutmut(folder, "results", "--all", "true").splitlines():
        if told := re.match(r"\s*lazy_assay\.checks\.statistics\.(\w+)\.\S+: (.+)$", line):
            found.setdefault(told[1], Counter())[told[2].strip()] += 1
    return found


def main() -> int:
    """Runs mutmut and prints a line a module; 1 where fewer than nine in ten are killed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("mutants", nargs="*", help="names or globs of mutants")
    parser.add_argument("--folder", type=Path, default=ROOT / "build" / "mutation")
    parser.add_argument("--children", type=int, default=os.cpu_count() or 1)
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    prepare(given.folder)
    print(mutmut(given.folder, "run", "--max-children", str(given.children), *given.mutants)[-2000:])
    every: Counter[str] = Counter()
    for module, counted in sorted(tally(given.folder).items()):
        counted = Counter({word: n for word, n in counted.items() if word not in (*EXCUSED, "not checked")})
        every += counted
        print(f"{module:12} {sum(counted[word] for word in KILLED):5d} of {sum(counted.values()):5d} {dict(counted)}")
    killed = sum(every[word] for word in KILLED)
    print(f"killed: {killed} of {sum(every.values())}, {killed / max(sum(every.values()), 1):.1%}")
    return int(killed < 0.9 * sum(every.values()))


if __name__ == "__main__":
    raise SystemExit(main())
