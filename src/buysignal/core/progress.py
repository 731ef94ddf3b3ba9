"""Progress of long work: a bar on a terminal, a plain line per step in a log."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn
from rich.table import Column
from rich.text import Text

ROOM_FOR_A_BAR = 112  # columns; a narrower terminal gets the numbers alone


class Advance(Protocol):
    """Called after each finished step with what is worth showing beside the bar."""

    def __call__(self, note: str = "") -> None: ...


@contextmanager
def progress(title: str, total: int, done: int = 0) -> Iterator[Advance]:
    """Show ``total`` steps, ``done`` of which were finished by an earlier run.

    The time left is that of the mean step of this run, whatever its workers finish at once.
    """
    if done:
        print(f"{title}: going on from {done} of {total} finished", file=sys.stderr, flush=True)
    started, count = time.monotonic(), done

    def step() -> tuple[float, float]:
        """Seconds spent, and seconds left, now that one more step is finished."""
        nonlocal count
        count += 1
        spent = time.monotonic() - started
        return spent, spent / (count - done) * (total - count)

    if sys.stderr.isatty() and not verbose():
        with _bar() as bar:
            task = bar.add_task(title, total=total, completed=done, note="", ends=None)

            def move(note: str = "") -> None:
                _, left = step()
                bar.update(task, advance=1, note=note, ends=time.monotonic() + left)

            yield move
        return

    def line(note: str = "") -> None:
        spent, left = step()
        times = f"({duration(spent)}, about {duration(left)} left)"
        print(f"{title}: {count}/{total}  {note}  {times}", file=sys.stderr, flush=True)

    yield line


class _Times(ProgressColumn):
    """Time left, from the first finished step on; until then the time spent, so that one sees it live."""

    def render(self, task: Task) -> Text:
        ends = task.fields["ends"]
        if ends is None:
            return Text(f"{duration(task.elapsed or 0.0)} so far", no_wrap=True)
        return Text(f"{duration(max(0.0, ends - time.monotonic()))} left", no_wrap=True)


def _bar() -> Progress:
    console = Console(stderr=True)
    bar = [BarColumn(bar_width=24)] if console.width >= ROOM_FOR_A_BAR else []
    rest = Column(ratio=1)  # what has no room goes on in the line below
    note = TextColumn("{task.fields[note]}", markup=False, table_column=rest)
    columns = (TextColumn("{task.description}"), *bar, MofNCompleteColumn(), _Times(), note)
    return Progress(*columns, console=console, expand=True)


def verbose() -> bool:
    """Whether BUYSIGNAL_VERBOSE asks for what happens within a step too: lines then, as a bar would be written over."""
    return os.environ.get("BUYSIGNAL_VERBOSE", "") not in ("", "0")


def duration(seconds: float) -> str:
    """A time as one says it: ``90 s``, ``12 min``, ``3.5 h``."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"


def measured(hits: float, n_buys: float, recall: float) -> str:
    """Precision with its exact 95 % interval (Clopper & Pearson 1934) and its buys, then recall.

    Means over seeds need not be whole. Of the best of many it looks better than it is.
    """
    if not n_buys:
        return "no buys"
    from buysignal.core.binomial import (  # a mere time does not wait for scipy
        clopper_pearson_lower,
        clopper_pearson_upper,
    )

    share = hits / n_buys
    low, high = (bound(share, n_buys, 0.975) for bound in (clopper_pearson_lower, clopper_pearson_upper))
    return f"precision {share:.3f} ({low:.2f} to {high:.2f}, {n_buys:.0f} buys)  recall {recall:.3f}"
