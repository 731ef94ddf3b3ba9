"""The notebook executed anew: ``python -m tests.docs.notebook`` saves what it then says and draws."""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbclient import NotebookClient

from tests.docs.pages import ROOT

NOTEBOOK = ROOT / "docs/notebooks/from-bars-to-verdict.ipynb"
COMMAND = "python -m tests.docs.notebook"


def saved(path: Path = NOTEBOOK) -> nbformat.NotebookNode:
    """As it lies in git, or at ``path``; of a form that Jupyter takes."""
    found = nbformat.read(path, as_version=4)
    nbformat.validate(found)
    return found


def executed() -> nbformat.NotebookNode:
    """With new outputs, by a kernel that starts in the notebook's folder, as Jupyter's does."""
    fresh = saved()
    NotebookClient(fresh, timeout=300, record_timing=False).execute(cwd=str(NOTEBOOK.parent))
    fresh.metadata.pop("language_info", None)  # the version of Python at hand
    return fresh


def said(notebook: nbformat.NotebookNode) -> list[str]:
    """What each cell printed or showed as text, in order."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    return [output.get("text") or output["data"].get("text/plain", "") for output in outputs if not drawn(output)]


def drawn(output: nbformat.NotebookNode) -> bool:
    """Whether an output is a picture."""
    return "image/png" in output.get("data", {})


if __name__ == "__main__":
    nbformat.write(executed(), NOTEBOOK)
