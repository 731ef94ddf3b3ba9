"""What is wanted of the growth, beside what was found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

GIB = 1024  # MiB


@dataclass(frozen=True)
class Line:
    """One limit: the measured value may not be above ``wanted``."""

    what: str
    found: float
    wanted: float
    unit: str

    @property
    def share(self) -> float:
        """Found over wanted: above 1 the limit is missed."""
        return self.found / self.wanted


SECONDS = {"features": 0.5, "sweep and select": 2.0, "analysis": 30.0}
MEMORY_GIB = 24.0
NOOP_RATIO = 1.2


def lines(found: dict[str, Any]) -> list[Line]:
    """Every limit whose measurement is in the result.

    Memory is that of the most symbols with every table kept, the analysis that of the most trials.
    """
    one, judged = found["one_symbol"], found["sweep_and_select"]
    most = max((row for row in found["features"] if row["kept"]), key=lambda row: row["symbols"])
    analysed = max(found["analysis"], key=lambda row: row["trials"])
    given = [
        Line(f"{one['features']} features x {one['rows']:,} rows", one["seconds"], SECONDS["features"], "s"),
        Line(f"tables of {most['symbols']} symbols", most["peak_mib"] / GIB, MEMORY_GIB, "GiB"),
        Line(f"sweep and select, {judged['models']} models", judged["seconds"], SECONDS["sweep and select"], "s"),
        Line(f"analysis of {analysed['trials']:,} trials", analysed["seconds"], SECONDS["analysis"], "s"),
    ]
    if found["dvc_noop"]:
        given.append(Line("idle dvc repro, to one without code", found["dvc_noop"]["ratio"], NOOP_RATIO, "x"))
    return given
