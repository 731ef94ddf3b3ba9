"""A workbook is read if it is called one: its sheet of bars by the rules of files, or one line."""

from __future__ import annotations

import doctest
import random

import pandas as pd
import pytest

from buysignal.bars.forms import workbook
from buysignal.bars.forms.read import read_file
from buysignal.bars.reading import Reading, Wanted
from buysignal.core.errors import UserError
from tests.bars.forms.workbooks import ERROR, Date, Raw, ods, packed, parts, sheet, xls, xlsx
from tests.bars.forms.written import BARS

HEAD = ["Date", "Open", "High", "Low", "Close", "Volume"]
FIGURES = [[10.5, 12.25, 9.1, 11.0, 1000], [11.0, 12.5, 10.1, 12.1, 1234567], [12.1, 13.0, 11.9, 12.3, 900]]
SERIALS = (44200, 44201, 44202)  # 2021-01-04 is 44,200 days after 1899-12-30
ISO = ("2021-01-04", "2021-01-05", "2021-01-06")
EXPECTED = pd.DataFrame(
    FIGURES, columns=["open", "high", "low", "close", "volume"], index=pd.DatetimeIndex(ISO, name="date").as_unit("us")
).astype("float64")


def table(days, figures=FIGURES) -> list[list]:
    return [HEAD, *([day, *row] for day, row in zip(days, figures))]


DATED = table([Date(serial) for serial in SERIALS])
YEARS = 1462  # days from Excel's first day of 1900 to that of 1904


def read(folder, content: bytes, name: str = "bars.xlsx", **wanted: str) -> Reading:
    (folder / name).write_bytes(content)
    return read_file(folder / name, Wanted(**wanted))


def refusal(folder, content: bytes, name: str = "bars.xlsx", **wanted: str) -> str:
    with pytest.raises(UserError) as caught:
        read(folder, content, name, **wanted)
    assert len(str(caught.value).splitlines()) == 1 and str(caught.value).startswith(str(folder / name))
    return str(caught.value).removeprefix(str(folder / name)).lstrip(": ")


def old(rows, **settled) -> bytes:
    return packed(parts({"Prices": sheet(rows)}, **settled))


COUNTED = ("days counted from 1900",)
TEXTS = [[f"{value:,.2f}".translate(str.maketrans(",.", ".,")) for value in row] for row in FIGURES]
MIXED = [[*row[:4], f"{row[4]:,}".replace(",", ".")] for row in FIGURES]  # 1.234.567 as text beside numbers
FORMULA = Raw('<c r="@"><f>B2+0.5</f><v>11</v></c>')


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (xlsx(DATED), "bars.xlsx", ()),
        (xlsx(DATED), "bars.XLSM", ()),
        (xlsx(table(ISO)), "bars.xlsx", ()),
        (xlsx(table(SERIALS)), "bars.xlsx", COUNTED),
        (xlsx(table(map(float, SERIALS))), "bars.xlsx", COUNTED),
        (xlsx(table([20210104, 20210105, 20210106])), "bars.xlsx", ()),
        (xlsx(table([1609718400, 1609804800, 1609891200])), "bars.xlsx", ("unix seconds",)),
        (xlsx(table(["13/01/2021", "14/01/2021", "15/01/2021"])), "bars.xlsx", ("day/month/year",)),
        (xlsx(table([Date(44200), "2021-01-05", Date(44202)])), "bars.xlsx", ()),
        (old(table([Date(serial - YEARS) for serial in SERIALS]), since_1904=True), "bars.xlsx", ()),
        (old(table(at - YEARS for at in SERIALS), since_1904=True), "bars.xlsx", ("days counted from 1904",)),
        (xlsx(table(ISO, TEXTS)), "bars.xlsx", ("decimal comma", "thousands '.'")),
        (xlsx([*DATED[:1], *DATED[:0:-1]]), "bars.xlsx", ("newest first",)),
        (xlsx([["Prices of ABC"], [], *DATED]), "bars.xlsx", ("1 line above the header not read",)),
        (xlsx([*DATED, ["Downloaded from somewhere"]]), "bars.xlsx", ("1 line below the bars not read",)),
        (xlsx([*DATED, [], [None, " "], []]), "bars.xlsx", ()),
        (xlsx([HEAD, [Date(44200), *FIGURES[0][:3], FORMULA, 1000], *DATED[2:]]), "bars.xlsx", ()),
        (xlsx(DATED, Notes=[["read me"]], Empty=[]), "bars.xlsx", ("sheet 'Notes' not read",)),
        (ods(table(ISO)), "bars.ods", ()),
        (xls(table(ISO)), "bars.xls", ()),
        (xls(table(SERIALS)), "bars.xls", COUNTED),
        (xls(table(at - YEARS for at in SERIALS), since_1904=True), "bars.xls", ("days counted from 1904",)),
    ],
)
def test_a_workbook_gives_exactly_its_bars(tmp_path, content, name, said):
    reading = read(tmp_path, content, name)
    expected = EXPECTED
    if "day/month/year" in said:
        expected = EXPECTED.set_axis(EXPECTED.index + pd.Timedelta(9, "D"))
    pd.testing.assert_frame_equal(reading.bars, expected, check_freq=False)
    assert reading.understood == ("sheet 'Prices'", *said) and not reading.left_out


def test_numbers_do_not_tell_how_texts_beside_them_are_written(tmp_path):
    content = xlsx(table(ISO, MIXED))  # volumes are 1.000, 1.234.567 and 900, and only one of them tells
    assert refusal(tmp_path, content).startswith("its numbers, such as '1.000', can be read")
    pd.testing.assert_frame_equal(read(tmp_path, content, decimal="comma").bars, EXPECTED, check_freq=False)


def test_error_cells_and_empty_ones_are_missing_values(tmp_path):
    rows = [*DATED[:2], [Date(44201), 11.0, ERROR, 10.1, None, 1234567], DATED[3]]
    bars = read(tmp_path, xlsx(rows)).bars
    assert bars.isna().to_numpy().sum() == 2 and bars.iloc[1, [1, 3]].isna().all()
    pd.testing.assert_frame_equal(bars.iloc[[0, 2]], EXPECTED.iloc[[0, 2]], check_freq=False)


def test_every_double_comes_back_as_it_was(tmp_path):
    rows = [HEAD] + [[f"{day:%Y-%m-%d}", *row] for day, *row in (BARS / 3).itertuples()]
    pd.testing.assert_frame_equal(read(tmp_path, xlsx(rows)).bars, BARS / 3)


def test_one_of_two_sheets_of_bars_is_taken_by_the_symbol(tmp_path):
    content = xlsx(DATED, ABC=table(ISO, [[2 * value for value in row] for row in FIGURES]))
    assert refusal(tmp_path, content).startswith("holds bars in sheets 'Prices', 'ABC': name one, e.g. ingest.symbol: ")
    assert refusal(tmp_path, content, symbol="XYZ").startswith("holds bars in sheets 'Prices', 'ABC'")
    reading = read(tmp_path, content, symbol="abc")
    pd.testing.assert_frame_equal(reading.bars, 2 * EXPECTED, check_freq=False)
    assert reading.symbol == "ABC" and reading.understood[:2] == ("sheet 'ABC'", "sheet 'Prices' not read")


MERGED = [
    ["Price", "Close", None, "High", None, "Low", None, "Open", None, "Volume", None],
    ["Ticker", *["ABC", "XYZ"] * 5],
    ["Date"],
    *([day, *(x for at in (3, 1, 2, 0, 4) for x in (row[at], 2 * row[at]))] for day, row in zip(ISO, FIGURES)),
]


def test_a_header_over_two_columns_is_of_both(tmp_path):
    """As pandas writes columns of two levels."""
    cells = "".join(f'<mergeCell ref="{pair}"/>' for pair in ("B1:C1", "D1:E1", "F1:G1", "H1:I1", "J1:K1"))
    merged = sheet(MERGED).replace("</worksheet>", f"<mergeCells>{cells}</mergeCells></worksheet>")
    content = packed(parts({"Prices": merged}))
    assert refusal(tmp_path, content).startswith("holds 2 symbols, 'ABC', 'XYZ'")
    assert read(tmp_path, content, symbol="ABC").form == "yfinance"
    pd.testing.assert_frame_equal(read(tmp_path, content, symbol="XYZ").bars, 2 * EXPECTED, check_freq=False)


def test_a_text_named_xls_and_a_workbook_named_csv_are_what_they_are(tmp_path):
    text = "Date\tOpen\tHigh\tLow\tClose\tVolume\n2021-01-04\t10.5\t12.25\t9.1\t11.0\t1000\n"
    pd.testing.assert_frame_equal(read(tmp_path, text.encode(), "bars.xls").bars, EXPECTED[:1], check_freq=False)
    assert refusal(tmp_path, b"<html><table>", "bars.xls").startswith("is an HTML page")
    says = "is an Excel workbook (.xlsx): save the sheet as CSV, or name the file as the workbook it is"
    assert refusal(tmp_path, xlsx(DATED), "bars.csv") == says


FAR = sheet([HEAD]).replace("</sheetData>", '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>')
LOCKED = b"\xd0\xcf\x11\xe0" + bytes(600) + "EncryptedPackage".encode("utf-16-le") + bytes(600)


def flagged(content: bytes) -> bytes:
    """An archive whose files say that they are encrypted."""
    central = content.index(b"PK\x01\x02") + 8
    return content[:central] + b"\x01" + content[central + 1 :]


@pytest.mark.parametrize(
    ("content", "name", "says"),
    [
        (xlsx([]), "bars.xlsx", "is empty"),
        (xlsx([HEAD]), "bars.xlsx", "has a header but no rows"),
        (
            xlsx([HEAD[:-1], *(row[:-1] for row in DATED[1:])]),
            "bars.xlsx",
            "has no column volume: found 'Date', 'Open'",
        ),
        (
            xlsx([["a"]], Notes=[["b"]]),
            "bars.xlsx",
            "has no sheet of bars, but sheets 'Prices', 'Notes': one must have",
        ),
        (packed(parts({"Chart": sheet([])}, "chartsheet")), "bars.xlsx", "is a workbook without a sheet of cells"),
        (packed(parts({"Macro": sheet([])}, "macrosheet")), "bars.xlsm", "has a sheet of macros"),
        (xlsx(table(["04/01/2021", "05/01/2021", "06/01/2021"])), "bars.xlsx", "its dates, such as '04/01/2021', can"),
        (xlsx(table([Date(44200), "13/01/2021", "14/01/2021"])), "bars.xlsx", "row 2: date is '2021-01-04', while"),
        (xlsx(DATED[1:]), "bars.xlsx", "has no sheet of bars, but sheet 'Prices': one must have a header such as"),
        (xlsx(table([44200.5, 44201, "x"])), "bars.xlsx", "row 2: date is '44200.5', a spreadsheet's count of days"),
        (xlsx(table([44200, 44201, 20210106])), "bars.xlsx", "row 2: date is '44200', a spreadsheet's count of days"),
        (
            xlsx(table(ISO, [[*row[:4], f"{row[3]:.3f}"] for row in FIGURES])),
            "bars.xlsx",
            "its numbers, such as '11.000'",
        ),
        (xlsx([*DATED[:3], [Date(44202), 1, 2, 1, "?", 3]]), "bars.xlsx", "row 4: Close is '?', not a number"),
        (xlsx([*DATED[:3], [None, *FIGURES[2]]]), "bars.xlsx", "row 4: date is ''"),
        (packed(parts({"Prices": FAR})), "bars.xlsx", "is a damaged workbook, or its cells stand too far apart"),
        (packed(parts({"Prices": "<worksheet><"})), "bars.xlsx", "is a damaged workbook"),
        (packed({"[Content_Types].xml": "<x/>"}), "bars.xlsx", "is a damaged workbook"),
        (packed({"bars.csv": "Date,Open\n"}), "bars.xlsx", "is a damaged workbook"),
        (xlsx(DATED)[:-200], "bars.xlsx", "is a damaged workbook: File is not a zip file"),
        (LOCKED, "bars.xlsx", "is locked by a password: save it without one"),
        (ods(DATED[:1], "<manifest><encryption-data/></manifest>"), "bars.ods", "is locked by a password"),
        (flagged(xlsx(DATED)), "bars.xlsx", "is locked by a password"),
        (b"\xd0\xcf\x11\xe0" + bytes(600), "bars.xls", "is a damaged workbook"),
    ],
)
def test_what_is_no_workbook_of_bars_is_refused_in_one_line(tmp_path, content, name, says):
    assert refusal(tmp_path, content, name).startswith(says)


def test_what_is_too_large_is_refused(tmp_path, monkeypatch):
    content = packed(parts({"Prices": sheet([*DATED, *[["x" * 50] * 6] * 200])}))
    monkeypatch.setattr(workbook, "MAX_ROWS", 100)
    assert refusal(tmp_path, content).startswith("sheet 'Prices' has 204 rows and 6 columns: these are no")
    monkeypatch.setattr(workbook, "MAX_BYTES", 10_000)
    assert refusal(tmp_path, content) == "unpacks to more than 10,000 bytes: these are no daily bars"
    monkeypatch.setattr(workbook, "MAX_PARTS", 3)
    assert refusal(tmp_path, content).startswith("is a damaged workbook: it has 6 parts")


def test_sizes_that_an_archive_tells_are_not_believed(tmp_path, monkeypatch):
    """A part that says it has 10 bytes gives 10 at most, whatever is packed in it."""
    files = parts({"Prices": sheet(DATED)})
    content = packed(files | {"xl/styles.xml": "x" * 200_000})
    size = (200_000).to_bytes(4, "little")
    assert content.count(size) == 2
    monkeypatch.setattr(workbook, "MAX_BYTES", 100_000)
    assert refusal(tmp_path, content.replace(size, (10).to_bytes(4, "little"))).startswith("is a damaged workbook")


@pytest.mark.parametrize("kind", ["xlsx", "xls", "ods"])
def test_spoilt_bytes_give_no_traceback_and_no_wrong_bar(tmp_path, kind):
    """An archive's bytes are summed, so what is spoilt is refused; of an .xls only that it is read in one line."""
    whole = {"xlsx": xlsx(DATED), "ods": ods(table(ISO)), "xls": xls(table(ISO))}[kind]
    for seed in range(20):
        rng = random.Random(f"{kind} {seed}")
        data = bytearray(whole)
        for _ in range(rng.choice([1, 3, 20])):
            data[rng.randrange(4, len(data))] = rng.randrange(256)
        data = data[: rng.randrange(8, len(data))] if rng.random() < 0.3 else data
        try:
            bars = read(tmp_path, bytes(data), f"bars.{kind}").bars
        except UserError as error:
            assert len(str(error).splitlines()) == 1
            continue
        if kind != "xls":
            pd.testing.assert_frame_equal(bars, EXPECTED, check_freq=False)


def test_the_examples_in_the_docstrings_are_right():
    result = doctest.testmod(workbook)
    assert result.attempted > 0 and result.failed == 0
