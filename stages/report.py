"""One page to read, as Markdown and as HTML with charts, and a page a question, from the results of this run alone."""

from pathlib import Path

from buysignal.core.stage import run
from buysignal.core.files import write_text
from buysignal.core.params import Scope
from buysignal.core.settings import read_all
from buysignal.days.params import Label
from buysignal.models.params import Training
from buysignal.report.beside import pages
from buysignal.report.made import made


def main() -> None:
    label, training, scope = read_all(Label, Training, Scope)
    verdict, text, html = made(Path(), scope.tiers, label, training.epochs)
    write_text("metrics/report.html", html)
    write_text("metrics/report.md", text)
    for name, text in pages(Path(), scope.tiers).items():
        write_text(f"metrics/pages/{name}.md", text)
    print(verdict)


if __name__ == "__main__":
    run(main)
