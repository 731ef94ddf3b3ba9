"""Forms of the words that files of this room hold: names that may name files, hashes and days."""

from datetime import date
from typing import Annotated

from pydantic import AfterValidator

from buysignal.core.settings import Must, matching

Name = matching("[A-Za-z0-9-]{1,80}", "a name of at most 80 letters, digits and hyphens")  # it may name a file
Word = matching("[A-Za-z0-9]{0,20}", "a word of at most 20 letters and digits, or none")
Digest = matching("[0-9a-f]{64}", "64 hex digits")


def iso_day(text: str) -> str:
    """The text, if it is a day of the calendar as ISO 8601 writes it; else `ValueError`."""
    if date.fromisoformat(text).isoformat() != text:
        raise ValueError
    return text


Day = Annotated[str, AfterValidator(iso_day), Must("a day such as 2018-12-31")]
