"""Text files that people write, read whole and within bounds."""

from __future__ import annotations

from pathlib import Path

from buysignal.core.errors import UserError


def read_text(path: str | Path, most: int, mend: str) -> str:
    """The text of a UTF-8 file, without a byte-order mark.

    Parameters
    ----------
    most : bytes; a larger file is refused before it is read
    mend : what to do about a file that is not there, e.g. ``run from the project's folder``

    Raises
    ------
    UserError
        If there is no such file, it is a folder or a device, it cannot be read, is too large or is not UTF-8.
    """
    path = Path(path)
    try:
        if not path.is_file():  # a pipe or a device could be read without end
            raise UserError(f"{path} {'is not a file' if path.exists() else 'is missing'}: {mend}")
        size = path.stat().st_size
        if size > most:
            raise UserError(f"{path} has {size:,} bytes: {most:,} are the most that is read")
        with open(path, "rb") as file:
            data = file.read(most)  # a file under /proc calls itself empty
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}") from None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UserError(f"{path} line {line} is not UTF-8 text: save the file as UTF-8") from None
