"""The command that makes a project of one's own, in which `dvc repro` works with the installed package."""
