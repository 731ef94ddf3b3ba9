"""What each stage's code does, as one small file a stage: its modules, each with a hash that no comment changes."""

from pathlib import Path

from buysignal.core.stage import run
from buysignal.core.code import closure, digest
from buysignal.core.files import write_text


def main() -> None:
    scripts = sorted(Path("stages").glob("*.py"))
    for script in scripts:
        lines = {script.as_posix(): digest(script)} | closure(script)
        write_text(f"data/code/{script.stem}.txt", "".join(f"{sha} {name}\n" for name, sha in lines.items()))
    print(f"{len(scripts)} stages")


if __name__ == "__main__":
    run(main)
