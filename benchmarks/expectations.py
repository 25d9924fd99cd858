"""False alarms and misses: a dozen flaky tests as they stood, and as `lazy_assay.expect` puts them.

    python benchmarks/expectations.py [--sessions 10000] [--checks 50]

Prints, for each test, how often the old one fails though the program is right and passes though it is broken, and the
same of the new one; then, of sessions of 50 checks (the dozen over and over), how many had a false alarm, and how many
that declares. Needs about 10 CPU minutes at 10,000 sessions.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter

import numpy as np
from _flaky_tests import FLAKY_TESTS, FlakyTest

from lazy_assay import expect

FALSE_ALARM, MISS = 0.05, 0.01


def judged(tests: list[FlakyTest], sessions: range, broken: bool) -> tuple[Counter[tuple[str, str]], Counter[str]]:
    """Answers by test, and by session the worst: wrong before undecided before right."""
    by_test: Counter[tuple[str, str]] = Counter()
    by_session: Counter[str] = Counter()
    for entropy in sessions:
        answers = set()
        with expect.Session(
            false_alarm=FALSE_ALARM, checks=len(tests), miss=MISS, entropy=entropy, raises=False
        ) as session:
            for index, test in enumerate(tests):
                session.begin(f"test {index}")
                verdict = test.new(broken).verdict
                answers.add(verdict)
                by_test[test.thread, verdict] += 1
        by_session[next(it for it in ("wrong", "undecided", "right") if it in answers)] += 1
    return by_test, by_session


def main() -> None:
    """Measure, and print two tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=10_000)
    parser.add_argument("--checks", type=int, default=50)
    arguments = parser.parse_args()
    started, rng = time.process_time(), np.random.default_rng(0)
    tests = [FLAKY_TESTS[index % len(FLAKY_TESTS)] for index in range(arguments.checks)]
    null, sessions = judged(tests, range(arguments.sessions), broken=False)
    # Misses need fewer: they are held against one in a hundred.
    off, _ = judged(list(FLAKY_TESTS), range(arguments.sessions // 5), broken=True)
    print(
        f"{'thread':38} {'as it stood':28} {'false alarm':>11} {'miss':>8}"
        f"   expect: {'false':>8} {'undecided':>9} {'miss':>8}"
    )
    quiet = np.ones(arguments.sessions, dtype=bool)
    for test in FLAKY_TESTS:
        passed = test.old(rng, arguments.sessions, False)
        quiet &= passed
        missed = test.old(rng, arguments.sessions, True)
        calls, broken = (sum(it[test.thread, word] for word in ("right", "wrong", "undecided")) for it in (null, off))
        print(
            f"{test.thread:38} {test.as_it_stood:28} {1 - passed.mean():11.4%} {missed.mean():8.2%}   "
            f"{null[test.thread, 'wrong'] / calls:11.4%} {null[test.thread, 'undecided'] / calls:9.3%} "
            f"{1 - off[test.thread, 'wrong'] / broken:8.3%}"
        )
    print(f"{arguments.sessions} sessions of the dozen as they stood: {1 - quiet.mean():.2%} with a false alarm")
    print(
        f"{arguments.sessions} sessions of {arguments.checks} checks by expect: {sessions['wrong']} with a false alarm"
        f" ({sessions['wrong'] / arguments.sessions:.2%}, declared {FALSE_ALARM:.0%}), {sessions['undecided']}"
        f" undecided; miss declared {MISS:.0%}; {time.process_time() - started:.0f} CPU s"
    )


if __name__ == "__main__":
    main()
