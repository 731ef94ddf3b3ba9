"""One page to read, as Markdown and as HTML with charts, and a page a question, from the results of this run alone."""

from pathlib import Path

from buysignal.core.stage import run
from buysignal.core.files import write_text
from buysignal.core.params import Params
from buysignal.report.beside import pages
from buysignal.report.made import made
from buysignal.report.page import markdown


def main() -> None:
    params = Params.load()
    parts, html = made(Path(), params.tiers, params.label, params.training.epochs)
    write_text("metrics/report.html", html)
    write_text("metrics/report.md", markdown(parts))
    for name, text in pages(Path()).items():
        write_text(f"metrics/pages/{name}.md", text)
    print(parts[1])


if __name__ == "__main__":
    run(main)
