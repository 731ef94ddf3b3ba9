"""The notebook says, executed anew, what it says in git."""

import pytest

pytest.importorskip("nbclient", reason="needs requirements-docs.txt")
pytest.importorskip("ipykernel", reason="needs requirements-docs.txt")

from tests.docs.notebook import COMMAND, drawn, executed, said, saved


@pytest.fixture(scope="module")
def fresh():
    return executed()


def test_it_says_what_it_says_in_git(fresh):
    assert said(fresh) == said(saved()), f"run {COMMAND}"


@pytest.mark.parametrize("which", ["saved", "fresh"])
def test_it_ends_in_a_verdict_and_draws_one_picture_with_words_for_who_does_not_see_it(which, fresh):
    notebook = fresh if which == "fresh" else saved()
    assert any(text.startswith("cannot tell: ") for text in said(notebook))
    [cell] = [cell for cell in notebook.cells if any(map(drawn, cell.get("outputs", ())))]
    assert len(cell.metadata["alt"]) > 40


def test_the_cells_were_run_in_their_order():
    cells = [cell for cell in saved().cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
