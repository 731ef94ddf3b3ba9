"""Whether the report says what the metrics say, as Markdown and as HTML."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest

from buysignal.cli.doctor.run import Run
from buysignal.cli.doctor.verdict import Looking, check
from buysignal.core.errors import UserError

REPORT, HTML = "metrics/report.md", "metrics/report.html"
LONGEST = 200  # characters of a line that are quoted; one of the HTML may hold a chart


@check("report-differs", "a page that says something else than the metrics it is made of")
def _report(run: Run) -> Looking:
    from buysignal.report.beside import pages  # not on top: the other checks need not wait for the charts' library
    from buysignal.report.made import made

    params = run.params
    kept = (run.root / HTML).read_text(encoding="utf-8", errors="replace") if run.has(HTML) else ""
    try:
        _, report, html = made(run.root, params.tiers, params.label, params.training.epochs, kept)
        beside = {f"metrics/pages/{name}.md": text for name, text in pages(run.root, params.tiers).items()}
    except UserError as error:
        raise run.relative(error) from None
    for name, text in {REPORT: report, HTML: html, **beside}.items():
        if not run.has(name):
            raise UserError(f"{name} is missing: build it with `dvc repro report`")
        yield from _differing(name, (run.root / name).read_text(encoding="utf-8"), text)
    return "the report, as Markdown and as HTML, and its pages are what the metrics give"


def _differing(name: str, said: str, right: str) -> Iterator[str]:
    pairs = zip_longest(said.splitlines(), right.splitlines(), fillvalue="")
    for at, (found, line) in enumerate(pairs, start=1):
        if found != line:
            short = line if len(line) <= LONGEST else f"{line[:LONGEST]}..."
            yield f"{name}, line {at}: the metrics give {short!r}"
