"""Whether the report says what the metrics say, as Markdown and as HTML."""

from __future__ import annotations

from itertools import zip_longest

from buysignal.cli.doctor.run import Run
from buysignal.cli.doctor.verdict import Check, Finding, conclude
from buysignal.core.errors import UserError
from buysignal.report.beside import pages
from buysignal.report.made import made
from buysignal.report.page import markdown

REPORT, HTML = "metrics/report.md", "metrics/report.html"
LONGEST = 200  # characters of a line that are quoted; one of the HTML may hold a chart


def _report(run: Run) -> Finding:
    params = run.params
    try:
        parts, html = made(run.root, params.tiers, params.label, params.training.epochs)
        beside = {f"metrics/pages/{name}.md": text for name, text in pages(run.root, params.tiers).items()}
    except UserError as error:
        raise UserError(str(error).replace(f"{run.root}/", "")) from None
    right = {REPORT: markdown(parts), HTML: html} | beside
    wrong = [fault for name, text in right.items() for fault in _differing(name, _lines(run, name), text.splitlines())]
    return conclude(wrong, [], "the report, as Markdown and as HTML, and its pages are what the metrics give")


def _lines(run: Run, name: str) -> list[str]:
    try:
        return (run.root / name).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        raise UserError(f"{name} is missing: build it with `dvc repro report`") from None


def _differing(name: str, said: list[str], right: list[str]) -> list[str]:
    pairs = enumerate(zip_longest(said, right, fillvalue=""), start=1)
    return [f"{name}, line {at}: the metrics give {_short(one)!r}" for at, (found, one) in pairs if found != one]


def _short(line: str) -> str:
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}..."


CHECKS = (Check("report-differs", "a page that says something else than the metrics it is made of", _report),)
