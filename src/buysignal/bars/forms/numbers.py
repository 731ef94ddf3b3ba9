"""Prices and volumes: decimal and thousands marks are decided from all cells of a file, once, and never guessed."""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from buysignal.bars.forms.cells import Place, quoted
from buysignal.bars.reading import Wanted
from buysignal.core.errors import UserError

POINT, COMMA = "point", "comma"
NOTHING = r"|null|nan|none|nil|nat|na|n/a|#n/a( n/a)?|#na|<na>|-|--|—|–|\.|#(value|div/0|ref|num)!"
MISSING = re.compile(NOTHING, re.I)
SUFFIX = {"k": 3, "m": 6, "b": 9, "t": 12, "mio": 6, "mrd": 9, "万": 4, "萬": 4, "億": 8, "亿": 8}  # powers of ten
CURRENCY = re.compile(r"(?:US|HK|A|C|R)?[$€£¥₹₩₽￥]|EUR|USD|GBP|CHF|PLN|SEK|zł|kr|Rs\.?(?= ?\d)|円|元")
SPACES = dict.fromkeys(map(ord, " \u00a0\u202f\u2009’`´"), "'") | {ord("−"): "-"}  # all that parts thousands, as one
SWAPPED = str.maketrans(",.", ".,")
NUMBER = re.compile(
    r"(?P<sign>[-+]?)(?:(?P<whole>\d+)|(?P<groups>[1-9]\d{0,2}(?:(?:,\d{2,3})*,\d{3}|(?:'\d{3})+)))?"
    r"(?P<rest>(?:\.\d*)?(?:[eE][-+]?\d{1,3})?)'?(?P<suffix>[KMBTkmbt万萬億亿]|Mio\.?|Mrd\.?)?"
)
PLAIN = re.compile(r"-?(\d+)(?:([.,])(\d+))?")  # all that most cells are, and read without what the others need
ENDLESS = re.compile(r"[-+]?inf(inity)?", re.I)
LEAST = 2  # cells that only one mark can read: a single one may be a slip of the pen
FAR = math.log(100)  # so many times nearer to the others read the other way: it was not meant as it stands
PRICES = ("open", "high", "low", "close")
DOTTED = re.compile(r"[1-9]\d{0,2}(?:\.\d{3})+")
UNIT = re.compile(
    r"\(\s*(?:in\s+)?['’]?(?:(?P<thousands>000s?|thousands?|k|tsd\.?)|(?P<millions>000,?000s?|millions?|mn|mio\.?|mln|mm))\s*\)",
    re.I,
)  # of a header: Volume ('000)
FRACTION = re.compile(r"\d+[-'](?:\d\d[\d+]?|\d{1,2}/\d{1,2})")
THIRTY = "write 99 14/32 as 99.4375"
MANY = 200  # prices of which none has a fraction above .31


@dataclass(frozen=True)
class Numbers:
    """What is read, by role: cells and the header of each; what user, form and file settle of them.

    Attributes
    ----------
    columns : role -> its cells; all as long
    headers : role -> its name in the file
    commas : whether commas part the cells, so that a decimal comma would have to stand in quotes
    known : the decimal mark that the form is known to have
    """

    columns: Mapping[str, Sequence[str]]
    headers: Mapping[str, str]
    place: Place
    wanted: Wanted
    commas: bool
    known: str | None = None

    def where(self, role: str, at: int) -> str:
        """One cell, for a message."""
        return f"{self.place(at)}: {self.headers[role]} is {quoted(self.columns[role][at].strip())}"


@dataclass
class _Seen:
    """What the cells of a file tell of their marks."""

    only: dict[str, int] = field(default_factory=lambda: {POINT: 0, COMMA: 0})  # cells that one mark alone can read
    unlike: list[str] = field(default_factory=list)  # cells that are different numbers by the one and by the other


def numbers(given: Numbers) -> tuple[dict[str, np.ndarray], tuple[str, ...]]:
    """Values (n,) by role, NaN where a cell is empty or says so, and what was settled.

    Raises
    ------
    UserError
        If a cell is no number (its line is named), or all can be read in two ways; the message names what settles it.
    """
    settled = given.known if given.wanted.decimal == "auto" else given.wanted.decimal
    if settled == POINT or (settled is None and given.commas):
        plain = {role: _floats(cells) for role, cells in given.columns.items()}
        if all(values is not None for values in plain.values()):
            _require_whole(given, plain, settled)
            return _in_units(given, plain, set())
    decimal = settled or _decimal(given)
    values: dict[str, np.ndarray] = {}
    said: dict[str, set[str]] = {}
    for role, cells in given.columns.items():
        values[role] = np.array([_value(given, role, at, text, decimal, said) for at, text in enumerate(cells)])
        _likely(given, role, values[role], decimal)
    if len(said.get("currency", ())) > 1:
        raise UserError(f"{given.place.name}: prices are in {' and in '.join(sorted(said['currency']))}: one is read")
    _require_whole(given, values, settled or (None if decimal == POINT else decimal))
    values, units = _in_units(given, values, said.get("suffix", set()))
    words = [f"decimal {decimal}"] if decimal == COMMA else []
    words += [f"thousands {' and '.join(map(repr, sorted(said['thousands'])))}"] if "thousands" in said else []
    words += [f"prices in {min(said['currency'])}"] if "currency" in said else []
    words += [f"volume in {' and '.join(sorted(said['suffix']))}"] if "suffix" in said else []
    return values, (*words, *units)


def _in_units(
    given: Numbers, values: Mapping[str, np.ndarray], suffixes: set[str]
) -> tuple[dict[str, np.ndarray], tuple[str, ...]]:
    """The volume in shares where its header counts thousands or millions; cells with a suffix tell their own."""
    match = UNIT.search(given.headers.get("volume", "")) if "volume" in values and not suffixes else None
    if match is None:
        return dict(values), ()
    power = 6 if match["millions"] else 3
    return {**values, "volume": values["volume"] * 10**power}, (f"volume in {10**power:,}s, as its header says",)


def _require_whole(given: Numbers, values: Mapping[str, np.ndarray], settled: str | None) -> None:
    """Refuse prices that are numbers and are not meant as such: points that part thousands, and 32nds."""
    prices = np.concatenate([values[role] for role in PRICES if role in values] or [np.array([])])
    prices = prices[np.isfinite(prices) & (prices > 0)]
    if len(prices) < LEAST:
        return
    apart = math.log(prices.max() / prices.min())
    if settled is None and apart > FAR:
        texts = [text.strip() for role in PRICES for text in given.columns.get(role, ())]
        texts = [text for text in texts if not MISSING.fullmatch(text)]
        dotted = [text for text in texts if "." in text]
        meant = [_number(text, COMMA) for text in texts]
        whole = all(DOTTED.fullmatch(text) for text in dotted) and all(number and number > 0 for number in meant)
        if whole and math.log(max(meant) / min(meant)) < apart - FAR / 2:
            raise _which(given, dotted[0])
    hundredths = np.round(prices * 100)
    if len(prices) < MANY or (hundredths % 100).max() > 31 or np.abs(hundredths - prices * 100).max() > 1e-6:
        return
    if len(np.unique(hundredths % 100)) > 15 and len(np.unique(hundredths // 100)) > 2:  # no currency of 1.00 to 1.31
        raise UserError(f"{given.place.name}: no price has a fraction above .31, so they are in 32nds: {THIRTY}")


def _which(given: Numbers, text: str) -> UserError:
    keys = " or ".join(given.wanted.key("decimal", mark) for mark in (POINT, COMMA))
    return UserError(
        f"{given.place.name}: its numbers, such as {quoted(text)}, can be read with a decimal point or with "
        f"a decimal comma: say which, {keys}"
    )


def _floats(cells: Sequence[str]) -> np.ndarray | None:
    """The cells as plain numbers, or None if one is not: Python reads 1_000, a file does not mean it."""
    try:
        return None if "_" in "".join(cells) else np.array([float(cell) if cell else math.nan for cell in cells])
    except ValueError:
        return None


@lru_cache(1 << 16)
def _bare(text: str) -> tuple[str, str]:
    """A cell without currency and with one sign for every kind of gap; and the currency."""
    found = CURRENCY.search(text)
    text = CURRENCY.sub("", text, 1) if found else text
    return text.strip().translate(SPACES).strip("'"), found[0] if found else ""


@lru_cache(1 << 16)
def _number(text: str, decimal: str) -> float | None:
    """A bare cell as a number by a decimal mark, or None."""
    text = text if decimal == POINT else text.translate(SWAPPED)
    match = NUMBER.fullmatch(text)
    if match is None or not (match["whole"] or match["groups"] or len(match["rest"]) > 1):
        return float(text) if ENDLESS.fullmatch(text) else None  # left to validation, as a missing value is
    whole = match["whole"] or re.sub(r"\D", "", match["groups"] or "0")
    power = SUFFIX[match["suffix"].lower().rstrip(".")] if match["suffix"] else 0
    if power and "e" in match["rest"].lower():
        return None
    try:
        return float(f"{match['sign']}{whole}{match['rest']}" + (f"e{power}" if power else ""))
    except ValueError:  # "." alone, or an exponent without a number
        return None


def _cells(given: Numbers) -> Iterator[str]:
    """What is to be read of each cell that is not empty."""
    for cells in given.columns.values():
        for text in cells:
            if PLAIN.fullmatch(text):
                yield text
            elif not MISSING.fullmatch(text.strip()):
                yield _bare(text.strip())[0]


def _decimal(given: Numbers) -> str:
    """The decimal mark of a file for which nobody settled it: at least two cells speak for it alone."""
    seen = _Seen()
    for text in _cells(given):
        if (match := PLAIN.fullmatch(text)) and (not match[2] or len(match[3]) != 3 or len(match[1]) > 3):
            if match[2]:
                mark = POINT if match[2] == "." else COMMA
                seen.only[mark] += 1
            continue
        by = {mark: _number(text, mark) for mark in (POINT, COMMA)}
        for mark, other in ((POINT, COMMA), (COMMA, POINT)):
            if by[mark] is not None and by[other] is None:
                seen.only[mark] += 1
        if None not in by.values() and by[POINT] != by[COMMA]:
            seen.unlike.append(text)
    best = max(seen.only, key=seen.only.get)  # point, if none tells
    if seen.only[best] >= LEAST or not seen.unlike or (given.commas and all("," not in text for text in seen.unlike)):
        return best if seen.only[best] else POINT
    raise _which(given, seen.unlike[0])


def _value(given: Numbers, role: str, at: int, text: str, decimal: str, said: dict[str, set[str]]) -> float:
    match = PLAIN.fullmatch(text)
    if match and (match[2] is None or match[2] == ("." if decimal == POINT else ",")):
        return float(text if decimal == POINT else text.replace(",", "."))
    text = text.strip()
    if MISSING.fullmatch(text):
        return math.nan
    if text[0] in "=@":
        raise UserError(f"{given.where(role, at)}, a spreadsheet formula: export its value")
    bare, currency = _bare(text)
    value = _number(bare, decimal)
    if value is None or (bare[-1:].isalpha() and role != "volume" and math.isfinite(value)):
        like = "2506.85" if decimal == POINT else "2506,85"
        why = f"a fraction: {THIRTY}" if FRACTION.fullmatch(bare) else f"not a number such as {like}"
        raise UserError(f"{given.where(role, at)}, {why}")
    if currency:
        said.setdefault("currency", set()).add(currency)
    if bare[-1:].isalpha() and math.isfinite(value):
        said.setdefault("suffix", set()).add(bare.lstrip("'+-.,0123456789").strip("'"))
    mark = next((sign for sign in ("'", "," if decimal == POINT else ".") if sign in bare[:-1]), None)
    if mark:
        said.setdefault("thousands", set()).add(mark)
    return value


def _likely(given: Numbers, role: str, values: np.ndarray, decimal: str) -> None:
    """Refuse a cell that would be of the others' size if its mark were a decimal one, and is far off as it stands."""
    good = np.abs(values[np.isfinite(values) & (values != 0)])
    if not len(good) or given.wanted.decimal != "auto":
        return
    middle, other = math.log(np.median(good)), COMMA if decimal == POINT else POINT
    for at in np.flatnonzero(np.abs(np.log(np.abs(np.where(values == 0, 1, values))) - middle) > FAR):
        meant = _number(_bare(given.columns[role][at].strip())[0], other)
        if meant and abs(math.log(abs(meant)) - middle) < FAR / 4 and meant != values[at]:
            raise UserError(f"{given.where(role, int(at))}, which may be {values[at]:,g} or {meant:g}: write it as the "
                            "others are")  # fmt: skip
