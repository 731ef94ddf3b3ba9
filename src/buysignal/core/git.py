"""What git has of the project, for those who can do without."""

import subprocess
from pathlib import Path

SECONDS = 30  # for one answer


def git(folder: Path, *words: str) -> bytes:
    """What git answers in a folder; nothing where there is no git, no repository or no such object."""
    try:
        done = subprocess.run(["git", "-C", str(folder), *words], capture_output=True, timeout=SECONDS)
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return b""
    return done.stdout if done.returncode == 0 else b""


def committed(path: Path) -> bytes:
    """What git's last commit holds of the file."""
    path = path.absolute()
    folder = next(folder for folder in path.parents if folder.is_dir())  # its own may be gone too
    return git(folder, "show", f"HEAD:./{path.relative_to(folder)}")
