"""Progress of long work: a bar on a terminal, a plain line per step in a log."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn


class Advance(Protocol):
    """Called after each finished step with what is worth showing beside the bar."""

    def __call__(self, note: str = "") -> None: ...


@contextmanager
def progress(title: str, total: int, done: int = 0) -> Iterator[Advance]:
    """Show ``total`` steps, ``done`` of which were finished by an earlier run."""
    if done:
        print(f"{title}: going on from {done} of {total} finished", file=sys.stderr, flush=True)
    if sys.stderr.isatty():
        with _bar() as bar:
            task = bar.add_task(title, total=total, completed=done, note="")
            yield lambda note="": bar.update(task, advance=1, note=note)
        return
    started, count = time.monotonic(), done

    def line(note: str = "") -> None:
        nonlocal count
        count += 1
        spent = time.monotonic() - started
        left = spent / (count - done) * (total - count)
        times = f"({spent:.0f} s, about {left:.0f} s left)"
        print(f"{title}: {count}/{total}  {note}  {times}", file=sys.stderr, flush=True)

    yield line


def _bar() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TextColumn("{task.fields[note]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )


def shown(precision: float, recall: float, auc: float) -> str:
    """Three metrics in the project's order."""
    return f"best so far: precision {precision:.3f}  recall {recall:.3f}  AUC {auc:.3f}"
