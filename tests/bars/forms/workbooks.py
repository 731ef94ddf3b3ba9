"""Workbooks made by hand: the least XML that a spreadsheet program opens, and the least of an .xls."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"

KINDS = {
    "worksheet": f"{OFFICE}/worksheet",
    "chartsheet": f"{OFFICE}/chartsheet",
    "macrosheet": "http://schemas.microsoft.com/office/2006/relationships/xlMacrosheet",
}


@dataclass(frozen=True)
class Date:
    """A count of days whose cell has the format of a date."""

    serial: float


@dataclass(frozen=True)
class Raw:
    """A cell as XML, with ``@`` for its place."""

    xml: str


ERROR = Raw('<c r="@" t="e"><v>#N/A</v></c>')
Cell = str | float | Date | Raw | None


def xml(cell: Cell, at: str) -> str:
    if cell is None:
        return ""
    if isinstance(cell, Raw):
        return cell.xml.replace("@", at)
    if isinstance(cell, Date):
        return f'<c r="{at}" s="1"><v>{cell.serial!r}</v></c>'
    if isinstance(cell, str):
        return f'<c r="{at}" t="inlineStr"><is><t xml:space="preserve">{escape(cell)}</t></is></c>'
    return f'<c r="{at}"><v>{cell!r}</v></c>'


def sheet(rows: Sequence[Sequence[Cell]], top: int = 1) -> str:
    """Rows from a line on; an empty one has no element, as Excel writes it."""
    lines = []
    for number, row in enumerate(rows, top):
        cells = "".join(xml(cell, f"{chr(65 + at)}{number}") for at, cell in enumerate(row))
        lines.append(f'<row r="{number}">{cells}</row>' if row else "")
    return f"<worksheet {MAIN}><sheetData>{''.join(lines)}</sheetData></worksheet>"


def parts(sheets: dict[str, str], kind: str = "worksheet", since_1904: bool = False) -> dict[str, str]:
    """The files of an .xlsx."""
    listed = "".join(f'<sheet name="{escape(name)}" sheetId="{at}" r:id="r{at}"/>' for at, name in enumerate(sheets, 1))
    links = "".join(
        f'<Relationship Id="r{at}" Type="{KINDS[kind]}" Target="{kind}s/sheet{at}.xml"/>'
        for at in range(1, len(sheets) + 1)
    )
    root = f'<Relationship Id="b" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
    style = f'<Relationship Id="s" Type="{OFFICE}/styles" Target="styles.xml"/>'
    return {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships">{root}</Relationships>',
        "xl/workbook.xml": f'<workbook {MAIN} xmlns:r="{OFFICE}"><workbookPr date1904="{since_1904:d}"/>'
        f"<sheets>{listed}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">{links}{style}</Relationships>',
        "xl/styles.xml": f'<styleSheet {MAIN}><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>',
    } | {f"xl/{kind}s/sheet{at}.xml": text for at, text in enumerate(sheets.values(), 1)}


def packed(files: dict[str, str | bytes]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return held.getvalue()


def xlsx(rows: Sequence[Sequence[Cell]], **others: Sequence[Sequence[Cell]]) -> bytes:
    return packed(parts({name: sheet(held) for name, held in {"Prices": rows, **others}.items()}))


def ods(rows: Sequence[Sequence[str | float]], manifest: str = "<manifest/>") -> bytes:
    """A sheet of LibreOffice; a text like 2021-01-04 is a date."""

    def cell(value: str | float) -> str:
        if isinstance(value, str) and value[:2] == "20":
            return f'<table:table-cell office:value-type="date" office:date-value="{value}"/>'
        if isinstance(value, str):
            text = f"<text:p>{escape(value)}</text:p>"
            return f'<table:table-cell office:value-type="string">{text}</table:table-cell>'
        return f'<table:table-cell office:value-type="float" office:value="{value!r}"/>'

    lines = "".join(f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in rows)
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    body = f'<office:body><office:spreadsheet><table:table table:name="Prices">{lines}</table:table>'
    return packed(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "META-INF/manifest.xml": manifest,
            "content.xml": f"<office:document-content {spaces}>{body}</office:spreadsheet></office:body>"
            "</office:document-content>",
        }
    )


def xls(rows: Sequence[Sequence[str | float]], since_1904: bool = False) -> bytes:
    """An .xls: records of BIFF8 in a stream of an OLE file, sectors of 512 bytes one after the other."""

    def record(kind: int, data: bytes) -> bytes:
        return struct.pack("<HH", kind, len(data)) + data

    def text(value: str, width: str) -> bytes:
        return struct.pack(width, len(value)) + b"\0" + value.encode("latin-1")

    def begin(what: int) -> bytes:
        return record(0x809, struct.pack("<HHHHII", 0x600, what, 0, 0, 0, 0))

    def book(start: int) -> bytes:
        where = struct.pack("<IBB", start, 0, 0) + text("Prices", "<B")
        return begin(5) + record(0x22, struct.pack("<H", since_1904)) + record(0x85, where) + record(0x0A, b"")

    cells = b"".join(
        record(0x204, struct.pack("<HHH", line, at, 0) + text(value, "<H"))
        if isinstance(value, str)
        else record(0x203, struct.pack("<HHHd", line, at, 0, value))
        for line, row in enumerate(rows)
        for at, value in enumerate(row)
    )
    stream = book(len(book(0))) + begin(0x10) + cells + record(0x0A, b"")
    stream += bytes(-len(stream) % 512) + bytes(4096)  # a stream below 4,096 bytes would stand elsewhere
    sectors = len(stream) // 512
    fat = [0xFFFFFFFD, 0xFFFFFFFE, *range(3, sectors + 2), 0xFFFFFFFE]
    assert len(fat) <= 128

    def entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
        named = (name + "\0").encode("utf-16-le")
        free = 0xFFFFFFFF
        tree = struct.pack("<HBBIII", len(named), kind, 1, free, free, child)
        return named.ljust(64, b"\0") + tree + bytes(36) + struct.pack("<IQ", start, size)

    folder = entry("Root Entry", 5, 1, 0xFFFFFFFE, 0) + entry("Workbook", 2, 0xFFFFFFFF, 2, len(stream)) + bytes(256)
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    head += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    head += struct.pack("<109I", 0, *[0xFFFFFFFF] * 108)
    table = struct.pack(f"<{len(fat)}I", *fat).ljust(512, b"\xff")
    return head + table + folder + stream
