"""Which column is what: the form that is recognised, and one symbol of several."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from buysignal.bars.forms.catalogue import FORMS
from buysignal.bars.forms.cells import quoted
from buysignal.bars.forms.columns import assigned, plain
from buysignal.bars.forms.form import Form
from buysignal.bars.params import SYMBOL
from buysignal.bars.reading import Wanted
from buysignal.core.errors import UserError

NEEDED = ("date", "open", "high", "low", "close")
ONCE = (*NEEDED, "volume", "adj_close")  # roles that two columns may not claim
CLOCK = {"time", "uhrzeit", "hora", "heure", "ora", "godzina", "tid", "время", "时间", "時刻"}
TICKS = {"tickvol", "tickvolume"}  # the volume where that of trades is 0 on every day
SHOWN = 10  # headers or symbols quoted in a message


@dataclass(frozen=True)
class Layout:
    """The columns of a file.

    Attributes
    ----------
    form : recognised
    at : role -> position; beside those of bars there may be time, ticks, symbol, split and dividend
    headers : role -> its name in the file
    fields : cells that a row must have
    symbol : the one whose columns these are, where the header names symbols
    """

    form: Form
    at: Mapping[str, int]
    headers: Mapping[str, str]
    fields: int
    symbol: str | None = None


def layout(name: str, header: Sequence[str], symbols: Sequence[str], first: Sequence[str], wanted: Wanted) -> Layout:
    """Recognise a form by its header, or by its first row where there is none.

    Parameters
    ----------
    header : names; empty where there are none
    symbols : one beside each name; empty where there are none
    first : cells of the first row of bars

    Raises
    ------
    UserError
        If a needed column is missing or there twice, or several symbols are there and none of them is chosen.
    """
    names, symbol = list(header), None
    if symbols:
        symbol = chosen(name, dict.fromkeys(symbols[1:]), wanted)
        names = ["Date", *(text if of == symbol else "" for text, of in zip(names[1:], symbols[1:]))]
    elif names and plain(names[0]) in ("", "unnamed0", "index") and re.match(r"\s*\d{1,4}[-/.]\d", (*first, "")[0]):
        names[0] = "Date" if "date" not in assigned(names[1:], {}) else names[0]
    form = next((form for form in FORMS if form.fits(header or first, bool(header), bool(symbols))), None)
    if form is None:
        raise UserError(f"{name} has no header, and {len(first)} columns without names may be anything: give it a "
                        "header such as Date,Open,High,Low,Close,Volume")  # fmt: skip
    if form.positions:
        at = {role: place for place, role in enumerate(form.positions) if role}
        return Layout(form, at, {role: role.capitalize() for role in at}, len(form.positions))
    places = assigned(names, form.columns)
    _require(name, places, names, header, wanted)
    at = {role: found[0] for role, found in places.items()}
    for role, known in (("time", CLOCK), ("ticks", TICKS)):  # beside a date and a volume of their own
        beside = (place for place, text in enumerate(names) if plain(text) in known and place not in at.values())
        if (place := next(beside, None)) is not None:
            at[role] = place
    return Layout(form, at, {role: names[place] for role, place in at.items()}, len(header), symbol)


def _require(
    name: str, places: Mapping[str, Sequence[int]], names: Sequence[str], header: Sequence[str], wanted: Wanted
) -> None:
    twice = next((role for role in ONCE if len(places.get(role, ())) > 1), None)
    if twice:
        first, second = places[twice][:2]
        raise UserError(f"{name} has two {twice} columns: {quoted(names[first])} and {quoted(names[second])}")
    needed = NEEDED if wanted.volume == "none" else (*NEEDED, "volume")
    missing = [role for role in needed if role not in places]
    if not missing:
        return
    found = ", ".join(quoted(text) for text in header[:SHOWN])
    more = f" and {len(header) - SHOWN:,} more" if len(header) > SHOWN else ""
    way = no_volume(wanted) if missing == ["volume"] else ""
    if len(header) == 1:
        quotes = "," in header[0]
        way = (
            "; take out the quotes around each line" if quotes else "; separate columns with commas, semicolons or tabs"
        )
    raise UserError(f"{name} has no column {', '.join(missing)}: found {found}{more}{way}")


def no_volume(wanted: Wanted) -> str:
    """The way out for bars that have no volume; there is none where a model reads it."""
    if wanted.volume == "needed":
        return ", which the model reads"
    return f"; an index or a currency may have none: {wanted.key('volume', 'none')}"


def alias(symbol: str) -> str:
    """A symbol in the signs that params.yaml may hold; empty where none is left.

    >>> alias("BTC/USD"), alias("Apple Inc. Common Stock"), alias("茅台")
    ('BTC-USD', 'Apple-Inc.-Common-St', '')
    """
    text = re.sub(r"[^A-Za-z0-9^.=&-]+", "-", symbol).strip("-.=&")[:20]
    return text if re.fullmatch(SYMBOL, text) else ""


def is_named(symbol: str, wanted: str) -> bool:
    """Whether a wanted symbol is this one, in any case and by its own name or its alias."""
    return wanted.casefold() in (symbol.casefold(), alias(symbol).casefold())


def chosen(name: str, symbols: Iterable[str], wanted: Wanted) -> str:
    """The symbol to read, of those that are there.

    Raises
    ------
    UserError
        If it is not there, or several are and none was named.
    """
    symbols = list(symbols)
    own = [symbol for symbol in symbols if wanted.symbol and symbol.casefold() == wanted.symbol.casefold()]
    found = own or [symbol for symbol in symbols if wanted.symbol and is_named(symbol, wanted.symbol)]
    if own or len(found) == 1:
        return found[0]
    if len(symbols) == 1 and wanted.symbol is None:
        return symbols[0]
    listed = ", ".join(quoted(symbol) for symbol in symbols[:SHOWN])
    more = f" and {len(symbols) - SHOWN:,} more" if len(symbols) > SHOWN else ""
    way = way_of(symbols, wanted)
    if wanted.symbol is not None:
        several = f"{len(found):,} symbols" if found else "no symbol"
        raise UserError(f"{name} has {several} {quoted(wanted.symbol)}: it holds {listed}{more}; {way}")
    raise UserError(f"{name} holds {len(symbols):,} symbols, {listed}{more}: {way}")


def way_of(symbols: Sequence[str], wanted: Wanted) -> str:
    """What takes one of several symbols: the key with a name that works, and what to do about one that has none."""
    names = Counter(alias(symbol).casefold() for symbol in symbols)
    plain = [symbol for symbol in symbols if alias(symbol) and names[alias(symbol).casefold()] == 1]
    nameless = next((symbol for symbol in symbols if symbol.strip() and symbol not in plain), None)
    rest = f"keep only the rows of {quoted(nameless)} to read that one" if nameless is not None else ""
    key = f"name one, e.g. {wanted.key('symbol', alias(plain[0]))}" if plain else ""
    return "; ".join(filter(None, (key, rest))) or "fill the column of symbols"


def others(days: int) -> tuple[str, ...]:
    """What is said of the days of a table on which only its other symbols have a bar."""
    return ("days of other symbols not read",) * bool(days)
