"""One form of bars: how it is recognised and what is peculiar to it. Everything else is read as in any other."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Form:
    """A declaration of `buysignal.bars.forms.catalogue`.

    Attributes
    ----------
    name : as a person calls it
    head : pattern of the header's names joined by commas, or of the first row's cells where there is no header;
        searched for without regard to case
    columns : role -> pattern of its name, only where the name alone would mislead
    positions : roles by position, of a form that has no header; "" for a column that is not read
    dates : the order in which the source is known to write a day, where its dates alone may not tell
    decimal : its decimal mark, for the same reason
    levels : whether the symbols stand in a header line of their own, above or below the names
    """

    name: str
    head: str
    columns: Mapping[str, str] = field(default_factory=dict)
    positions: tuple[str, ...] = ()
    dates: str | None = None
    decimal: str | None = None
    levels: bool = False

    def fits(self, cells: Sequence[str], headed: bool, levels: bool) -> bool:
        """Whether a header, or a first row without one, is this form's."""
        if headed == bool(self.positions) or levels != self.levels or (self.positions and len(cells) != self.fields):
            return False
        return re.search(self.head, ",".join(cell.strip() for cell in cells), re.I) is not None

    @property
    def fields(self) -> int:
        """Cells of a row, where there is no header."""
        return len(self.positions)
