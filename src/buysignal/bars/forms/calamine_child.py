"""The cells of a workbook, read in a process of its own: standard input is the workbook, standard output JSON.

Two cells at the far ends of a sheet make calamine ask for 500 GB, and the process that asks is killed. So this file is
run by its path, may take `MEMORY` and imports nothing of the project.
"""

import contextlib
import datetime
import io
import json
import sys
from collections.abc import Iterator

MEMORY = 2 * 2**30  # bytes of address space
MAX_CELLS = 2_000_000  # of all sheets, empty ones within their bounds too
HEADED = 30  # rows from the first among which a header stands
MAX_TEXT = 1_000  # characters of a cell
MAX_OUT = 64 * 2**20  # characters of the answer


def main() -> None:
    """Answer ``{"sheets": [[name, number of the first row, rows]]}`` or ``{"error": [kind, message]}``.

    A cell is a number, a text or, where it is a day or a moment, a list of its ISO text alone.
    """
    try:
        _bounded()
        answer = json.dumps({"sheets": list(_sheets(sys.stdin.buffer.read()))})
        if len(answer) > MAX_OUT:
            raise OverflowError("its cells hold too much")
    except BaseException as error:  # a panic of Rust is no Exception
        answer = json.dumps({"error": [type(error).__name__, str(error)]})
    sys.stdout.write(answer)


def _bounded() -> None:
    try:
        import resource
    except ImportError:  # no such limits on Windows; there the process is at least another one
        return
    with contextlib.suppress(ValueError, OSError):  # macOS has the limit and refuses it; a lower one may be set
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def _sheets(data: bytes) -> Iterator[tuple[str, int, list[list]]]:
    from python_calamine import CalamineWorkbook, SheetTypeEnum

    book, cells = CalamineWorkbook.from_filelike(io.BytesIO(data)), 0
    for about in book.sheets_metadata:
        if about.typ != SheetTypeEnum.WorkSheet:
            continue
        sheet = book.get_sheet_by_name(about.name)
        cells += sheet.height * sheet.width
        if cells > MAX_CELLS:
            raise OverflowError(f"its sheets have more than {MAX_CELLS:,} cells")
        rows, start = sheet.to_python(skip_empty_area=True) if sheet.start else [], sheet.start or (0, 0)
        _spread(rows, start, sheet.merged_cell_ranges or [])
        yield about.name, start[0] + 1, [[_plain(cell) for cell in row] for row in rows]


def _spread(rows: list[list], start: tuple[int, int], merged: list) -> None:
    """Repeat what stands over several columns of a header, such as Close over two symbols."""
    for (top, left), (bottom, right) in merged:
        line, begin = top - start[0], left - start[1]
        if top == bottom and 0 <= line < min(len(rows), HEADED) and 0 <= begin < len(rows[line]):
            end = min(right - start[1] + 1, len(rows[line]))
            rows[line][begin:end] = [rows[line][begin]] * (end - begin)


def _plain(cell: object) -> object:
    if isinstance(cell, datetime.date):  # a datetime is one too
        return [str(cell)]
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        return cell
    text = str(cell)
    return text if len(text) <= MAX_TEXT else text[:MAX_TEXT] + "…"


if __name__ == "__main__":
    main()
