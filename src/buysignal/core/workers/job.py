"""One job wherever it runs: a single thread, and a failure that is a value."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from threadpoolctl import threadpool_limits

SCHEDULER = "BUYSIGNAL_SCHEDULER"  # in the environment: the address of a Dask scheduler


@dataclass(frozen=True)
class Failure:
    """A job that raised, or whose worker died twice: exception type and message."""

    type: str
    message: str

    def __str__(self) -> str:
        return f"{self.type}: {self.message}"


def guarded(function: Callable, position: int, job: Any) -> tuple[int, Any]:
    """Run one job with one thread; an exception becomes a `Failure` instead of ending the others."""
    try:
        with threadpool_limits(limits=1):
            return position, function(job)
    except Exception as error:  # whatever a trial raises is that trial's failure, recorded by the caller
        return position, Failure(type(error).__name__, str(error).strip() or repr(error))
