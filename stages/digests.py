"""What each stage's code does, as one small file a stage: its modules, each with a hash that no comment changes.

A stage that uses what params.yaml names of a user's own has that code in its file, too.
"""

from pathlib import Path

from buysignal.core.stage import run
from buysignal.bars.forms.params import Forms
from buysignal.core.code import closure, digest
from buysignal.core.files import write_text
from buysignal.core.plugins import content_of
from buysignal.core.settings import read_all
from buysignal.features.params import Features
from buysignal.models.params import Models


def main() -> None:
    features, forms, models = read_all(Features, Forms, Models)
    own = {"buysignal.features.extra": features.extra, "buysignal.models.unfitted": models.extra}
    own |= {"buysignal.bars.forms.own": forms.extra}
    scripts = sorted(Path("stages").glob("*.py"))
    for script in scripts:
        lines = {script.as_posix(): digest(script)} | closure(script)
        for module, specs in own.items():
            lines |= content_of(specs) if module in lines else {}
        write_text(f"data/code/{script.stem}.txt", "".join(f"{sha} {name}\n" for name, sha in lines.items()))
    print(f"{len(scripts)} stages")


if __name__ == "__main__":
    run(main)
