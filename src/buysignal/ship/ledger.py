"""The ledger of looks at the test role: one line a look, each sealed and chained to the line before.

The test role may be opened once for a configuration registered beforehand. Nothing can stop a second
look, but it can be seen: `append` adds a line for every new registration, and `summary` says of a look
how many others had seen the same days before it. Repeating a look adds nothing.

What a chain finds and what it does not is told in `buysignal.core.chain`; a ledger that git has and that is gone is
found, too. The file is tracked, and git's history shows every line that ever was.

Two branches that each look once add different lines of the same number, and a merge of them ends in a
conflict in this file. Kept together, the two lines do not chain, and `read` refuses them. Keep one side
whole (``git checkout --ours`` or ``--theirs``), register the merged configuration and run `dvc repro`, which
adds its look; the other side's looks stay in the history of its branch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from buysignal.core.chain import Broken, check_place, check_seal, digest, line_of, linked, plain_of
from buysignal.core.errors import UserError
from buysignal.core.files import stable, write_text
from buysignal.core.git import committed
from buysignal.models.scores import ModelCard
from buysignal.ship.selected import in_order

DATA = ("bars", "first", "last", "market")
FIRST = "first recorded look at these test days"
CONFLICT = ("<<<<<<<", "=======", ">>>>>>>", "|||||||")


@dataclass(frozen=True)
class Entry:
    """One look at the test role.

    Attributes
    ----------
    number : from 1
    previous : SHA-256 of the line before, `buysignal.core.chain.START` for the first
    registered : what was to be judged, fixed before the role was opened; see `registration`
    data : ``market`` (a name), ``bars`` (SHA-256 of the bars), ``first`` and ``last`` test day (ISO 8601)
    look : `look_at` of the two
    results : what was seen
    seal : SHA-256 of all of the above
    """

    number: int
    previous: str
    registered: dict[str, Any]
    data: dict[str, Any]
    look: str
    results: dict[str, Any]
    seal: str

    def line(self) -> str:
        """The entry as it stands in the file, without the line's end."""
        return line_of(asdict(self))


def registration(chosen: Sequence[tuple[ModelCard, float]], per_day: int = 0) -> dict[str, Any]:
    """What is registered before the role is opened: the headline model, then the others.

    Parameters
    ----------
    chosen : card and threshold of each model, the headline first; empty if no model qualified, which
        is registered as a headline of None
    per_day : how many of many symbols are bought a day; 0, which is not written, of a threshold
    """
    rows = [
        {
            "name": card.name,
            "tier": card.tier,
            "configuration": None if card.configuration is None else asdict(card.configuration),
            "seeds": list(card.seeds),
            "threshold": float(threshold),
        }
        for card, threshold in chosen
    ]
    return {"headline": rows[0] if rows else None, "others": rows[1:]} | ({"per_day": per_day} if per_day else {})


def registration_of(selection: Mapping[str, Any]) -> dict[str, Any]:
    """`registration` of the content of data/selected.json."""
    chosen = [(ModelCard.from_dict(one["card"]), one["point"]["threshold"]) for one in in_order(selection)]
    return registration(chosen, selection.get("per_day", 0))


def look_at(registered: Mapping[str, Any], data: Mapping[str, Any]) -> str:
    """SHA-256 that identifies a look, in hex: the same registration on the same data is the same look.

    Raises
    ------
    ValueError
        If ``data`` has not exactly the keys of `DATA`, or a number is not finite.
    """
    if sorted(data) != sorted(DATA):
        raise ValueError(f"data must have the keys {', '.join(DATA)}; it has {', '.join(sorted(data))}")
    return digest(line_of({"registered": registered, "data": data}))


def append(
    path: str | Path, registered: Mapping[str, Any], data: Mapping[str, Any], results: Mapping[str, Any]
) -> Entry:
    """Add a look, atomically; one that is there already leaves the file untouched, whatever its results.

    Results of the same look may differ in their last digits between machines; the first ones stay.

    Parameters
    ----------
    path : of the ledger; a missing or empty file is an empty ledger
    registered, data : as for `look_at`
    results : plain values; floats are kept to 6 decimals

    Returns
    -------
    The entry of this look, new or old.

    Raises
    ------
    UserError
        If the ledger is damaged: nothing is added to it.
    """
    entries = read(path)
    look = look_at(registered, data)
    for entry in entries:
        if entry.look == look:
            return entry
    added = _after(entries, registered, data, look, stable(results))
    write_text(path, in_lines([*entries, added]))
    return added


def in_lines(entries: Sequence[Entry]) -> str:
    """Looks as they stand in the file."""
    return "".join(entry.line() + "\n" for entry in entries)


def joined(one: Sequence[Entry], other: Sequence[Entry]) -> list[Entry]:
    """The looks of one ledger, then those of another that it lacks, chained anew: none is lost."""
    found, known = list(one), {entry.look for entry in one}
    for entry in other:
        if entry.look not in known:
            found.append(_after(found, entry.registered, entry.data, entry.look, entry.results))
    return found


def _after(entries: Sequence[Entry], registered: Any, data: Any, look: str, results: Any) -> Entry:
    """A look as the next line of a ledger."""
    content = {"registered": registered, "data": data, "look": look, "results": results}
    return Entry(**linked(content, entries[-1].line() if entries else None, len(entries) + 1))


def read(path: str | Path) -> list[Entry]:
    """Read a ledger and check every line of it; a missing or empty file is an empty ledger, unless git has one.

    Raises
    ------
    UserError
        If the file cannot be read, is missing or empty while git's last commit holds looks, or a line is
        damaged or does not follow from the one before. The message names the file and the line and says
        what to do.
    """
    try:
        content = Path(path).read_bytes()
    except FileNotFoundError:
        content = b""
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}") from None
    if not content and committed(Path(path)):
        raise UserError(
            f"{path} is missing or empty, and git has looks: `git checkout HEAD -- {path}` brings them back"
        )
    return parsed(content, path)


def parsed(content: bytes, path: str | Path) -> list[Entry]:
    """The same of a ledger's bytes; ``path`` is what its errors call it."""
    entries: list[Entry] = []
    *lines, rest = content.split(b"\n")
    for line in lines:
        entries.append(_checked(path, line, entries))
    if rest:
        raise _damaged(path, len(lines) + 1, "is torn: its end is missing")
    return entries


def summary(entries: Sequence[Entry], look: str | None = None) -> str:
    """Whether other looks had seen the same test days, in words.

    Parameters
    ----------
    entries : of `read`
    look : which one is told of; the last if None

    Raises
    ------
    UserError
        If there is no such look: its line was cut off, or the whole ledger is gone.
    """
    if look is None and not entries:
        return "the test role has not been opened"
    this = entries[-1] if look is None else next((entry for entry in entries if entry.look == look), None)
    if this is None:
        raise UserError(
            f"metrics/ledger.jsonl has lost the look {look[:12]} of this run: `git checkout HEAD -- "
            "metrics/ledger.jsonl` brings it back, or `dvc repro --force --single-item test` if git never had it"
        )
    shared = [entry for entry in entries if entry is not this and share_days(entry, this)]
    before = [entry for entry in shared if entry.number < this.number]
    after = [entry for entry in shared if entry.number > this.number]
    words = FIRST
    if before:
        changed = "what was registered was" if before[-1].registered != this.registered else "the data were"
        words = (
            f"these test days were looked at {len(before) + 1} times: {changed} changed after the test role had been "
            f"seen ({in_words(before)})"
        )
    return f"{words}; they were looked at again later ({in_words(after)})" if after else words


def share_days(one: Entry, other: Entry) -> bool:
    """Whether two looks are at days of one market, by name or by the hash of the bars, that overlap."""
    return days_shared(one.data, other.data)


def days_shared(a: Mapping[str, Any], b: Mapping[str, Any]) -> bool:
    """The same of what was looked at, with the keys of `DATA`."""
    same = a["bars"] == b["bars"] or a["market"] == b["market"]
    return same and a["first"] <= b["last"] and b["first"] <= a["last"]


def in_words(entries: Sequence[Entry]) -> str:
    """Where they stand, such as ``lines 2, 3 of the ledger``."""
    return f"line{'s' * (len(entries) > 1)} {', '.join(str(entry.number) for entry in entries)} of the ledger"


def _checked(path: str | Path, line: bytes, before: Sequence[Entry]) -> Entry:
    """The entry of a line, after the entries before it."""
    number = len(before) + 1
    try:
        plain = plain_of(line)
        if not isinstance(plain, dict) or sorted(plain) != sorted(field.name for field in fields(Entry)):
            raise Broken("does not have the keys of a look")
        entry = Entry(**plain)
        check_seal(plain)
        if entry.look != digest(line_of({"registered": entry.registered, "data": entry.data})):
            raise Broken("was edited")
        check_place(plain, before[-1].line() if before else None, number)
        return entry
    except Broken as error:
        if line.decode("utf-8", "replace").startswith(CONFLICT):
            raise _unmerged(path, number) from None
        raise _damaged(path, number, str(error)) from None


def _damaged(path: str | Path, number: int, how: str) -> UserError:
    return UserError(f"{path}, line {number}, {how}: restore the file with `git checkout HEAD -- {path}`")


def _unmerged(path: str | Path, number: int) -> UserError:
    return UserError(
        f"{path}, line {number}, is left over from a merge: keep one side whole with "
        f"`git checkout --ours -- {path}` or --theirs, then run `dvc repro`"
    )
