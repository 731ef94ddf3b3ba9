"""From a file's bytes to its text: compression, encoding, and the name of what is no text at all."""

import bz2
import gzip
import io
import lzma
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator

from buysignal.core.errors import UserError, shown

MAX_BYTES = 32 * 2**20  # of the file and of what is packed in it; a century of daily bars is about 2 MB
XZ_MEMORY = 2**28
LAYERS = 2  # a gzip of a zip, and no further
LEGACY = ("cp1252", "cp1251", "cp1250", "cp932", "gb18030", "euc_kr")  # Windows in the West, Russian, Polish, ...
CSV = "export the bars as CSV"
NAMED = "save the sheet as CSV, or name the file as the workbook it is"
NOT_TEXT = {  # how a file begins -> what it is and what to do
    b"PAR1": ("a damaged parquet file", CSV),
    b"ARROW1": ("an Arrow or Feather file", CSV),
    b"\xd0\xcf\x11\xe0": ("an Excel workbook (.xls)", NAMED),
    b"%PDF": ("a PDF", CSV),
    b"SQLite format 3": ("an SQLite database", CSV),
    b"\x89HDF": ("an HDF5 file", CSV),
    b"\x80\x04\x95": ("a Python pickle", CSV),
    b"\x80\x05\x95": ("a Python pickle", CSV),
    b"\x93NUMPY": ("a NumPy file", CSV),
    b"\x89PNG": ("a picture", CSV),
    b"\xff\xd8\xff": ("a picture", CSV),
    b"7z\xbc\xaf": ("a 7z archive", "unpack it"),
    b"Rar!": ("a RAR archive", "unpack it"),
    b"version https://git-lfs": ("a pointer to a file in Git LFS, not the file", "git lfs pull"),
}
NOT_BARS = (  # how a text begins -> the same
    (
        re.compile(r"<!doctype html|<html|<head|<body|<table|<meta|<style|<script|<div", re.I),
        ("an HTML page, not bars", "download the CSV itself"),
    ),
    (re.compile(r"<\?xml"), ("XML", CSV)),
    (re.compile(r"\[\s*[\[{\]]|\{\s*[\"'}]"), ("JSON", CSV + ", or read it with pandas and write frame.to_csv()")),
)


def text_of(name: str, data: bytes, known: Callable[[str], int]) -> tuple[str, tuple[str, ...]]:
    """The text in bytes that are not packed.

    Parameters
    ----------
    known : how many column names a line of a header holds; the old encoding by which most are known is the file's

    Returns
    -------
    text : without a byte-order mark
    said : the encoding, where it is not UTF-8

    Raises
    ------
    UserError
        If it is no text, or not a table; the message calls it by its name.
    """
    text, encoding = _decoded(name, data, known)
    for begins, (what, mend) in NOT_BARS:
        if begins.match(text[:200].lstrip()):
            raise UserError(f"{name} is {what}: {mend}")
    whole = text.rstrip("\0\x1a")
    return whole, (*encoding, *("zeros at the end not read",) * (len(whole) < len(text)))


def unpacked(name: str, data: bytes, most: int | None = None) -> tuple[bytes, tuple[str, ...]]:
    """Without the compression, and how it was compressed; also refuses by its name what is no text.

    Parameters
    ----------
    most : bytes that may be packed in it; None: as many as one symbol's bars may have
    """
    most, said = most or MAX_BYTES, []
    for _ in range(LAYERS):
        kind = next((kind for magic, kind in PACKED.items() if data.startswith(magic)), None)
        if kind is None:
            break
        told, unpack = kind
        try:
            data = unpack(name, data, most)
        except (EOFError, OSError, ValueError, RuntimeError, zlib.error, lzma.LZMAError, zipfile.BadZipFile) as error:
            raise UserError(
                f"{name} is a {told} file that cannot be unpacked: {' '.join(str(error).split())}"
            ) from None
        if len(data) > most:
            raise UserError(f"{name} unpacks to more than {most:,} bytes: these are no daily bars")
        said.append(told)
    for magic, (what, mend) in NOT_TEXT.items():
        if data.startswith(magic) and not (magic == b"PAR1" and data.endswith(magic)):
            raise UserError(f"{name} is {what}: {mend}")
    return data, tuple(said)


def _stream(opened: Callable) -> Callable[[str, bytes, int], bytes]:
    return lambda _, data, most: opened(io.BytesIO(data)).read(most + 1)


def _xz(_: str, data: bytes, most: int) -> bytes:
    return lzma.LZMADecompressor(memlimit=XZ_MEMORY).decompress(data, most + 1)


def _zstd(_: str, data: bytes, most: int) -> bytes:
    import pyarrow

    return pyarrow.CompressedInputStream(pyarrow.BufferReader(data), "zstd").read(most + 1)


def _zip(name: str, data: bytes, most: int) -> bytes:
    """The one file in an archive; workbooks are archives too."""
    archive = zipfile.ZipFile(io.BytesIO(data))
    held = [info for info in archive.infolist() if not info.is_dir() and not info.filename.startswith("__MACOSX")]
    names = {info.filename for info in held}
    if "[Content_Types].xml" in names:
        raise UserError(f"{name} is an Excel workbook (.xlsx): {NAMED}")
    if "mimetype" in names:
        raise UserError(f"{name} is a LibreOffice document: {NAMED}")
    if len(held) != 1:
        listed = ", ".join(shown(info.filename) for info in held[:3])
        raise UserError(f"{name} is a ZIP of {len(held)} files{listed and f' ({listed})'}: unpack it and name one")
    with archive.open(held[0]) as file:
        return file.read(most + 1)


PACKED: dict[bytes, tuple[str, Callable[[str, bytes, int], bytes]]] = {
    b"\x1f\x8b": ("gzip", _stream(gzip.open)),
    b"BZh": ("bzip2", _stream(bz2.open)),
    b"\xfd7zXZ\x00": ("xz", _xz),
    b"\x28\xb5\x2f\xfd": ("zstd", _zstd),
    b"PK\x03\x04": ("ZIP", _zip),
}


def _decoded(name: str, data: bytes, known: Callable[[str], int]) -> tuple[str, tuple[str, ...]]:
    if data.startswith((b"\xff\xfe\0\0", b"\0\0\xfe\xff")):
        raise UserError(f"{name} is text in UTF-32: save it again as UTF-8")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or _utf16(data):
        order = (
            "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-16-le" if data[1:2] == b"\0" else "utf-16-be"
        )
        try:
            return data.decode(order), ("UTF-16",)
        except UnicodeDecodeError as error:
            raise UserError(f"{name} is not whole UTF-16 text ({error.reason}): save it again as UTF-8") from None
    try:
        return data.decode("utf-8-sig"), ()
    except UnicodeDecodeError:
        fits = [(encoding, text) for encoding, text in _legacy(data) if known(text[:2000]) > 1]
        if not fits:
            raise UserError(f"{name} is neither text in UTF-8, UTF-16 nor an older encoding whose column names are "
                            "known: save it as CSV in UTF-8") from None  # fmt: skip
        encoding, text = max(fits, key=lambda fit: known(fit[1][:2000]))
        return text, (encoding,)


def _utf16(data: bytes) -> bool:
    """Whether text in Latin letters has a zero in every second byte, and so is UTF-16 without its mark."""
    head = data[:400]
    even, odd = head[::2].count(0), head[1::2].count(0)
    return len(head) > 8 and max(even, odd) > 0.8 * len(head) / 2 and min(even, odd) == 0


def _legacy(data: bytes) -> Iterator[tuple[str, str]]:
    for encoding in LEGACY:
        try:
            yield encoding, data.decode(encoding)
        except UnicodeDecodeError:
            continue
