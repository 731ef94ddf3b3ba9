"""Bars of many symbols, from a folder of files or from one long file, each judged as that file alone would be."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from buysignal.bars.forms.cells import quoted
from buysignal.bars.forms.layout import alias
from buysignal.bars.forms.read import read_file
from buysignal.bars.forms.several import Read, names_several, read_several
from buysignal.bars.forms.workbook import SUFFIXES
from buysignal.bars.quality.across import few_of
from buysignal.bars.quality.finding import LEVELS, Finding, Level
from buysignal.bars.quality.prepare import Judged, Rules, prepare
from buysignal.bars.reading import Unanswered, Wanted
from buysignal.bars.standard import INDEX, REQUIRED
from buysignal.bars.symbols import SYMBOL
from buysignal.core.errors import UserError

ERROR, DROP = "error", "drop"
TEXTS = (".csv", ".tsv", ".txt", ".prn", ".parquet", ".pq", *SUFFIXES)
PACKED = (".gz", ".bz2", ".xz", ".zst", ".zip")
SHOWN = 3  # bad symbols named beside the first
NO_NAME = "a symbol needs a letter or a digit of A-Z, a-z or 0-9 in its name"
ONE_EACH = "it needs one file of daily bars a symbol, such as AAPL.csv"


@dataclass(frozen=True)
class Panel:
    """Bars of many symbols.

    Attributes
    ----------
    bars : (n, 4 or 5) float64 open, high, low, close[, volume]; index ``symbol`` and ``date`` (naive, midnight),
        sorted by symbol, then date
    judged : symbol -> what its bars came to; their ``bars`` share the memory of the panel's
    left_out : symbol -> why it was left out, in words
    forms : symbol -> how its bars were understood, in words
    passed : names of a folder's entries that are no files of bars, which nobody looked into
    """

    bars: pd.DataFrame
    judged: Mapping[str, Judged]
    left_out: Mapping[str, str]
    forms: Mapping[str, str]
    passed: tuple[str, ...] = ()

    @property
    def symbols(self) -> tuple[str, ...]:
        """Those that have bars, sorted."""
        return tuple(self.judged)

    def of(self, symbol: str) -> pd.DataFrame:
        """The bars of one symbol, index ``date``: those that its file alone gives."""
        return self.judged[symbol].bars

    def said(self, name: str) -> str:
        """The line for a person: forms, how many symbols and bars, from when to when, and what was passed over."""
        forms: dict[str, list[str]] = defaultdict(list)
        for symbol, form in self.forms.items():
            forms[form].append(symbol)
        common = sorted(forms, key=lambda form: -len(forms[form]))
        told = "; ".join(f"{form} ({few_of(forms[form])})" if len(forms) > 1 else form for form in common[:SHOWN])
        told += f"; and {len(forms) - SHOWN:,} more forms" * (len(forms) > SHOWN)
        passed = f"; passed over: {few_of([quoted(entry)[1:-1] for entry in self.passed])}" * bool(self.passed)
        days, count = self.bars.index.get_level_values(INDEX), len(self.symbols)
        span = f"{days.min():%Y-%m-%d} to {days.max():%Y-%m-%d}"
        return f"{name}: {told}: {count:,} symbol{'s' * (count > 1)}, {len(days):,} bars {span}{passed}"

    def summed(self) -> tuple[Finding, ...]:
        """What was found in the bars of each, one finding a kind: the worst first, then what most symbols have."""
        held: dict[tuple[str, str], dict[str, Finding]] = defaultdict(dict)
        for symbol, judged in self.judged.items():
            for one in judged.findings:
                held[one.level, one.kind].setdefault(symbol, one)
        order = sorted(held.items(), key=lambda item: (LEVELS.index(item[0][0]), -len(item[1]), item[0][1]))
        return tuple(_summed(kind, level, found, len(self.symbols)) for (level, kind), found in order)


def _summed(kind: str, level: Level, found: Mapping[str, Finding], of: int) -> Finding:
    symbols = list(found)
    first = found[symbols[0]]
    text = f"{kind} in {len(symbols):,} of {of:,} symbols ({few_of(symbols)}); {symbols[0]}: {first.text}"
    return Finding(kind, level, first.days, text, first.advice)


def holds_many(path: str | Path, wanted: Wanted) -> bool:
    """Whether bars are of many symbols: a folder, or a file that names several, of which none is wanted alone."""
    path = Path(path).expanduser()
    return path.is_dir() or (wanted.symbol is None and path.is_file() and names_several(path, wanted))


def read_panel(
    path: str | Path,
    wanted: Wanted,
    rules: Rules,
    on_bad_symbol: str = ERROR,
    *,
    until: date | None = None,
    today: date | None = None,
) -> Panel:
    """Read and judge the bars of many symbols.

    Parameters
    ----------
    path : a folder, of which each file is a symbol's and is called by its name; or one file of several symbols, in a
        column ``symbol`` or in a line of its header
    wanted : what settles a file that can be read in more than one way; the same for all
    rules : what is done about bad rows of each
    on_bad_symbol : ``error``, or ``drop``: a symbol that cannot be used is left out and told
    until : no later bar is looked at; a symbol that begins later is left out
    today : as for `buysignal.bars.quality.prepare.judge`

    Raises
    ------
    UserError
        If a symbol cannot be used and is not to be left out, none is left, or the path holds none.
    """
    path = Path(path).expanduser()
    sources, passed = _folder(path, wanted) if path.is_dir() else (_file(path, wanted), ())
    return _panel(str(path), sources, passed, rules, on_bad_symbol, until, today)


def panel_of(
    name: str,
    reads: Mapping[str, Read],
    rules: Rules,
    on_bad_symbol: str = ERROR,
    *,
    until: date | None = None,
    today: date | None = None,
) -> Panel:
    """The same of symbols that are in no file, by what reads each; ``name`` is that of the source in messages."""
    sources = [_Source(symbol, quoted(symbol), name, read) for symbol, read in reads.items()]
    return _panel(name, sources, (), rules, on_bad_symbol, until, today)


@dataclass(frozen=True)
class _Source:
    """Where a symbol's bars are: its name there, what a message calls its entry, the file, and what reads it."""

    name: str
    entry: str
    file: str
    read: Read


def _panel(
    name: str,
    sources: Sequence[_Source],
    passed: tuple[str, ...],
    rules: Rules,
    on_bad_symbol: str,
    until: date | None,
    today: date | None,
) -> Panel:
    once, bad = _each_once(name, sources)
    judged, forms, later = {}, {}, {}
    for symbol, source in sorted(once.items()):
        try:
            whole = source.read()
            reading = whole if until is None else whole.until(pd.Timestamp(until))
            if reading.bars.empty and not whole.bars.empty:
                later[symbol] = f"it has no bar on or before {until}: it begins on {whole.bars.index[0]:%Y-%m-%d}"
                continue
            judged[symbol] = prepare(reading, rules, today)
            forms[symbol] = ", ".join((f"{reading.form} form", *reading.understood))
        except Unanswered:
            raise
        except UserError as error:
            told = " ".join(str(error).split())
            bad[symbol] = told if told.casefold().startswith(source.file.casefold()) else f"{source.file}: {told}"
    if bad and (on_bad_symbol == ERROR or not judged):
        raise UserError(_refusal(bad, len(sources)))
    if not judged:
        raise UserError(f"{name}: none of {len(later):,} symbols has a bar on or before {until}")
    bars, parts = _stacked(judged)
    return Panel(bars, parts, dict(sorted((later | bad).items())), forms, passed)


def _folder(path: Path, wanted: Wanted) -> tuple[list[_Source], tuple[str, ...]]:
    """The symbols in a folder, and the entries that are none."""
    if wanted.symbol is not None:
        key = wanted.key("symbol", wanted.symbol)
        raise UserError(f"{path} is a folder, and {key} takes one of a file that holds several: name that file")
    try:
        entries = sorted(entry for entry in path.iterdir() if not entry.name.startswith("."))
    except OSError as error:
        raise UserError(f"{path} cannot be looked into: {error.strerror}") from None
    names = {entry: symbol_of(entry.name) or _own(entry, wanted) for entry in entries if not entry.is_dir()}
    files = [entry for entry, name in names.items() if name]
    passed = tuple(sorted({entry.name for entry in entries} - {file.name for file in files}))
    if not files:
        found = f" of bars ({', '.join(map(quoted, passed[:SHOWN]))})" * bool(passed)
        raise UserError(f"{path} holds no file{found}: {ONE_EACH}")
    read = [partial(read_file, file, wanted) for file in files]
    return [_Source(names[file], file.name, str(file), one) for file, one in zip(files, read)], passed


def _own(file: Path, wanted: Wanted) -> str:
    """The symbol that a file is called by which a form of a user's own takes; empty if none does."""
    if not wanted.forms:
        return ""
    from buysignal.bars.forms.own import frame_of  # who has none does not wait for it

    return "" if all(frame_of(file, spec) is None for spec in wanted.forms) else file.stem


def symbol_of(name: str) -> str:
    """The symbol that a file is called by; empty of one that is no file of bars by its suffix.

    >>> symbol_of("BRK.B.csv"), symbol_of("aapl.us.TXT.gz"), symbol_of("BTC.zip"), symbol_of("README.md")
    ('BRK.B', 'aapl.us', 'BTC', '')
    """
    bare = _without(name, PACKED)
    return _without(bare, TEXTS) if bare.lower().endswith(TEXTS) else bare if bare != name else ""


def _without(name: str, suffixes: Sequence[str]) -> str:
    end = next((end for end in suffixes if name.lower().endswith(end)), "")
    return name[: len(name) - len(end)]


def _file(path: Path, wanted: Wanted) -> list[_Source]:
    """The symbols in a file."""
    found = read_several(path, wanted)
    if not found:
        raise UserError(f"{path} names no symbol: add a column symbol, or give a folder with one file a symbol")
    return [_Source(symbol, quoted(symbol), str(path), read) for symbol, read in found.items()]


def _each_once(path: str, sources: Iterable[_Source]) -> tuple[dict[str, _Source], dict[str, str]]:
    """Sources by the symbols that params.yaml could hold; and why those are bad that are there twice or have none."""
    by_name: dict[str, list[_Source]] = {}
    for source in sources:
        by_name.setdefault(alias(source.name).casefold(), []).append(source)
    bad = {quoted(one.name)[1:-1] or "without a name": f"{one.file}: {NO_NAME}" for one in by_name.pop("", ())}
    for same in by_name.values():
        if len(same) > 1:
            entries = " and ".join(one.entry for one in same)
            bad[alias(same[0].name)] = f"{path}: it is there {len(same)} times, as {entries}; keep one"
    return {alias(same[0].name): same[0] for same in by_name.values() if len(same) == 1}, bad


def _refusal(bad: Mapping[str, str], of: int) -> str:
    """One line: the first bad symbol and what is wrong with it, how many more there are, and what helps."""
    (symbol, why), *others = sorted(bad.items())
    names = ", ".join(name for name, _ in others[:SHOWN])
    rest = f" and {len(others) - SHOWN:,} more" if len(others) > SHOWN else ""
    more = f"; so are {len(others):,} more of {of:,} symbols: {names}{rest}" if others else ""
    return f"symbol {symbol} is bad: {why}{more}; or set ingest.on_bad_symbol to drop"


def _stacked(judged: Mapping[str, Judged]) -> tuple[pd.DataFrame, dict[str, Judged]]:
    """The bars of all in one frame, and those of each as a part of it."""
    columns = [name for name in REQUIRED if all(name in one.bars for one in judged.values())]
    lengths = [len(one.bars) for one in judged.values()]
    values = {name: np.concatenate([one.bars[name].to_numpy() for one in judged.values()]) for name in columns}
    days = pd.DatetimeIndex(np.concatenate([one.bars.index.to_numpy() for one in judged.values()]), name=INDEX)
    at, known = pd.factorize(days, sort=True)
    names = pd.Index(list(judged), name=SYMBOL)
    owners = np.repeat(np.arange(len(judged)), lengths)
    index = pd.MultiIndex([names, known], [owners, at], names=[SYMBOL, INDEX], verify_integrity=False)
    bars = pd.DataFrame(values, index=index)
    ends = np.cumsum(lengths)
    parts = {
        symbol: replace(one, bars=bars.iloc[end - length : end].set_axis(days[end - length : end]))
        for (symbol, one), end, length in zip(judged.items(), ends, lengths)
    }
    return bars, parts
