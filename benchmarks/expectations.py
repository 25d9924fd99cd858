"""False alarms and misses: a dozen flaky tests as they stood, and as `lazy_assay.expect` puts them.

    python benchmarks/expectations.py [--sessions 10000] [--null 10000] [--first 0] [--checks 50]

Prints, for each test, how often the old one fails though the program is right and passes though it is broken, and the
same of the new one; then, of sessions of 50 checks (the dozen over and over), how many had a false alarm, and how many
that declares. Needs about 10 CPU minutes at 10,000 sessions. `--sessions 0 --first E` goes on with the null sessions of
entropies E, E + 1, … where an earlier run stopped.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter

import numpy as np
from _flaky_tests import FLAKY_TESTS, FlakyTest

from lazy_assay import expect

FALSE_ALARM, MISS = 0.05, 0.01


def judged(tests: list[FlakyTest], entropy: int, broken: bool) -> list[str]:
    """The answers of one session."""
    answers: list[str] = []
    with expect.Session(
        false_alarm=FALSE_ALARM, checks=len(tests), miss=MISS, entropy=entropy, raises=False
    ) as session:
        for index, test in enumerate(tests):
            session.begin(f"test {index}")
            answers.append(test.new(broken).verdict)
    return answers


def side_by_side(sessions: int) -> None:
    """A line a test: as it stood, and by expect."""
    rng, quiet = np.random.default_rng(0), np.ones(sessions, dtype=bool)
    answers = {
        broken: Counter(
            (test.thread, answer)
            for entropy in range(sessions // 5)
            for test, answer in zip(FLAKY_TESTS, judged(list(FLAKY_TESTS), entropy, broken), strict=True)
        )
        for broken in (False, True)
    }
    print(f"{'':67} {'as it stood':>20}   {'by expect':>31}")
    print(f"{'':67} {'false alarm':>11} {'miss':>8}   {'false alarm':>11} {'undecided':>10} {'miss':>8}")
    for test in FLAKY_TESTS:
        passed = test.old(rng, sessions, False)
        quiet &= passed
        missed = test.old(rng, sessions, True)
        wrong, undecided = (answers[False][test.thread, word] / (sessions // 5) for word in ("wrong", "undecided"))
        noticed = answers[True][test.thread, "wrong"] / (sessions // 5)
        print(
            f"{test.thread:38} {test.as_it_stood:28} {1 - passed.mean():11.3%} {missed.mean():8.2%}   "
            f"{wrong:11.3%} {undecided:10.2%} {1 - noticed:8.2%}"
        )
    print(f"{sessions} sessions of the dozen as they stood: {1 - quiet.mean():.2%} with a false alarm", flush=True)


def null_sessions(sessions: int, checks: int, first: int) -> None:
    """How many sessions have a false alarm, in which every program is right: the dozen, over and over."""
    tests = [FLAKY_TESTS[index % len(FLAKY_TESTS)] for index in range(checks)]
    started, found = time.process_time(), Counter[str]()
    for entropy in range(sessions):
        answers = judged(tests, first + entropy, broken=False)
        found.update(word for word in ("wrong", "undecided") if word in answers)
        if (entropy + 1) % 500 == 0 or entropy + 1 == sessions:
            print(
                f"{entropy + 1} sessions of {checks} checks by expect: {found['wrong']} with a false alarm"
                f" ({found['wrong'] / (entropy + 1):.2%}; declared {FALSE_ALARM:.0%}), {found['undecided']} with an"
                f" undecided check; {time.process_time() - started:.0f} CPU s",
                flush=True,
            )


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=10_000)
    parser.add_argument("--null", type=int, default=10_000, help="sessions of 50 right checks")
    parser.add_argument("--first", type=int, default=0, help="entropy of the first of them")
    parser.add_argument("--checks", type=int, default=50)
    arguments = parser.parse_args()
    if arguments.sessions:
        side_by_side(arguments.sessions)
    if arguments.null:
        null_sessions(arguments.null, arguments.checks, arguments.first)


if __name__ == "__main__":
    main()
