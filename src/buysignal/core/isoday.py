"""A day of the calendar as ISO 8601 writes it, in files and options."""

from datetime import date
from typing import Annotated

from pydantic import AfterValidator

from buysignal.core.settings import Must


def iso_day(text: str) -> str:
    """The text, if it is a day of the calendar as ISO 8601 writes it; else `ValueError`."""
    if date.fromisoformat(text).isoformat() != text:
        raise ValueError
    return text


Day = Annotated[str, AfterValidator(iso_day), Must("a day such as 2018-12-31")]
