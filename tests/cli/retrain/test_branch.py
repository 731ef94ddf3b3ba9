"""What is checked out is as it was, unless a branch merges into it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from buysignal.cli.retrain.branch import OPENED, Branch, git, require_clean
from buysignal.core.errors import UserError

NAME = "retrain/2019-02-04"


@pytest.fixture
def root(tmp_path, monkeypatch) -> Path:
    """A repository with two files and a journal."""
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "somebody")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "test@example.org")
    subprocess.run(["git", "init", "-q", "-b", "main", str(tmp_path)], check=True)
    (tmp_path / "journal").mkdir()
    for name in ("params.yaml", "dvc.lock", "journal/journal.jsonl"):
        (tmp_path / name).write_text("one\n")
    committed(tmp_path, "first")
    return tmp_path


def committed(root: Path, message: str) -> None:
    git(root, "add", "-A")
    git(root, "commit", "-q", "--allow-empty", "-m", message)


def trained(root: Path, **files: str) -> Branch:
    """A branch that has come to its end, with other files."""
    git(root, "checkout", "-q", "-b", NAME)
    for name, content in files.items():
        (root / name.replace("_", ".")).write_text(content)
    committed(root, OPENED.format("2019-02-04"))
    git(root, "checkout", "-q", "main")
    return Branch.pending(root)


def test_the_latest_branch_is_pending_and_knows_whether_it_came_to_its_end(root):
    assert Branch.pending(root) is None and not Branch(root, "2019-02-04").opened
    git(root, "branch", "retrain/2018-12-31")
    assert not Branch.pending(root).opened
    branch = trained(root, dvc_lock="two\n")
    assert (branch.until, branch.name, branch.opened, branch.merged) == ("2019-02-04", NAME, True, False)


def test_it_merges_though_what_is_checked_out_went_on_and_the_journal_grew(root):
    branch = trained(root, dvc_lock="two\n")
    (root / "params.yaml").write_text("mine\n")
    committed(root, "mine")
    (root / "journal/journal.jsonl").write_text("one\ntwo\n")
    require_clean(root)
    branch.merge()
    assert (
        branch.merged and (root / "dvc.lock").read_text() == "two\n" and (root / "params.yaml").read_text() == "mine\n"
    )
    assert (root / "journal/journal.jsonl").read_text() == "one\ntwo\n"
    branch.remove()
    assert Branch.pending(root) is None


def test_a_conflict_leaves_what_is_checked_out_as_it_was(root):
    branch = trained(root, dvc_lock="two\n")
    (root / "dvc.lock").write_text("mine\n")
    committed(root, "mine")
    before = git(root, "rev-parse", "HEAD")
    with pytest.raises(UserError, match="does not merge into what is checked out, which is as it was"):
        branch.merge()
    assert git(root, "rev-parse", "HEAD") == before and git(root, "status", "--porcelain") == ""
    assert (root / "dvc.lock").read_text() == "mine\n" and not branch.merged


def test_what_differs_from_the_commit_is_named(root):
    (root / "notes.txt").write_text("git does not have it\n")
    require_clean(root)
    (root / "params.yaml").write_text("mine\n")
    with pytest.raises(
        UserError, match=r"^params.yaml differs from what is committed: commit or `git stash` it first$"
    ):
        require_clean(root)
    (root / "dvc.lock").unlink()
    with pytest.raises(UserError, match="and 1 more differ"):
        require_clean(root)
