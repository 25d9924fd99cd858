from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lazy_assay.checks.cli.main import run_command
from lazy_assay.checks.ledger import Ledger, checkout
from lazy_assay.checks.ledger.evidence.morning import as_data, morning
from lazy_assay.checks.report import morning as page

Night = Callable[..., dict[str, Any]]
AUTHORS = ("Ada Lovelace", "Bob & Co", "Ada Lovelace")


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three commits by two people."""
    root = tmp_path_factory.mktemp("repository")
    git(root, "init", "-q")
    for number, author in enumerate(AUTHORS):
        named = ("-c", f"user.name={author}", "-c", "user.email=a@b.c")
        git(root, *named, "commit", "-q", "--allow-empty", "-m", f"change {number}\x1f <i>")
    return root


def git(root: Path, *words: str) -> str:
    told = subprocess.run(["git", "-C", str(root), *words], check=True, capture_output=True, text=True)
    return told.stdout.strip()


def name(root: Path, back: int = 0) -> str:
    return git(root, "rev-parse", "--short=12", f"HEAD~{back}")


def test_a_range_of_commits_is_told_with_its_authors(repository: Path) -> None:
    told = checkout.between(name(repository, 2), name(repository) + "-dirty", repository)
    assert [commit.author for commit in told] == ["Ada Lovelace", "Bob & Co"]
    assert [commit.subject for commit in told] == ["change 2\x1f <i>", "change 1\x1f <i>"]
    assert checkout.commit(repository) == name(repository)


@pytest.mark.parametrize("good", ["", "c000001", "--output=here", "HEAD", "0" * 41, "HEAD~1;ls"])
def test_what_is_no_commit_of_this_checkout_has_no_range(repository: Path, good: str) -> None:
    assert checkout.between(good, name(repository), repository) == ()


def test_an_installed_package_knows_no_commits(tmp_path: Path, repository: Path) -> None:
    assert checkout.commit(tmp_path) == ""
    assert checkout.between(name(repository, 1), name(repository), tmp_path) == ()


def test_the_morning_says_who_committed_in_the_range(
    repository: Path, ledger: Ledger, nightly: Night, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str], tmp_path: Path,
) -> None:  # fmt: skip
    monkeypatch.setattr(checkout, "ROOT", repository)
    for number, status in enumerate(("confirmed", "refuted")):
        claims = {"coin2026.theorem0": status}
        ledger.record(nightly(number, 4, claims=claims, commit=name(repository, 2 * (1 - number))))
    names = f"{name(repository, 2)}..{name(repository)}"
    told = morning(ledger)
    assert [one["author"] for one in as_data(told)["committed"][names]] == ["Ada Lovelace", "Bob & Co"]
    assert "Bob &amp; Co" in page.render(told)
    assert run_command(["morning", "--ledger", ledger.url, "--out", str(tmp_path)]) == 1
    assert f"commits {names}: 2 commits by Ada Lovelace, Bob & Co" in capsys.readouterr().out


def test_a_quiet_morning_asks_nothing_of_git(repository: Path, ledger: Ledger, nightly: Night) -> None:
    for number in range(2):
        ledger.record(nightly(number, 4, commit=name(repository, 2 * (1 - number))))
    assert morning(ledger).committed == {}
