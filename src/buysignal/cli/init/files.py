"""What a new project is made of: files of this project, of which the tree has one copy; setup.py packs them."""

FILES = (
    ".dvc/.gitignore",
    ".dvc/config",
    ".dvc/plots/bars.json",
    ".dvc/plots/lines.json",
    ".dvc/plots/points.json",
    ".dvc/plots/summary.json",
    ".dvcignore",
    ".gitattributes",
    ".github/workflows/metrics.yml",
    ".gitignore",
    "constraints.txt",
    "data/raw/example.csv",
    "docs/gates.schema.json",
    "docs/params.schema.json",
    "dvc.yaml",
    "gates.yaml",
    "params.yaml",
    "plugins/example.py",
    "proposals/none.yaml",
    "registered.csv",
    "registered.yaml",
    "requirements.txt",
)
FOLDERS = ("stages",)
"""Of these every Python file."""
