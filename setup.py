"""Packs into the wheel what `buysignal init` writes: files of this project, of which the tree has one copy."""

import runpy
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

INIT = "buysignal/cli/init"
named = runpy.run_path(f"src/{INIT}/files.py")
FILES = [*named["FILES"], *(str(path) for folder in named["FOLDERS"] for path in sorted(Path(folder).glob("*.py")))]


class WithProject(build_py):
    """Puts the files beside the command that writes them."""

    def run(self) -> None:
        super().run()
        for name in FILES:
            target = Path(self.build_lib, INIT, "project", name)
            self.mkpath(str(target.parent))
            self.copy_file(name, str(target))

    def get_source_files(self) -> list[str]:
        """For a source distribution, too."""
        return [*super().get_source_files(), *FILES]


setup(cmdclass={"build_py": WithProject})
