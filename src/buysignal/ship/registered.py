"""What the test role may be opened for: `registered.yaml`, a committed file, and nothing that it does not name.

One registration stands at a time; git has the earlier ones, and the ledger what was seen of them. The file names the
contenders with their thresholds, which of them ships, the bars and the ends of the roles, and is sealed by a hash of
all that; the day on which it was written is not in the hash. Beside it lies `registered.csv`, the scores of the
candidate on the threshold role: what a variant is held against.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from buysignal.bars.symbols import SYMBOL, by_date, dates_of, index_of, is_many
from buysignal.core.errors import UserError
from buysignal.core.files import write_text
from buysignal.core.isoday import Day
from buysignal.core.params import Tier
from buysignal.core.settings import Section, Share, by_name, choice, matching, or_null, parse, several, whole
from buysignal.core.textfile import read_yaml
from buysignal.judge.best_of_day import the_best
from buysignal.ship.forms import Digest, Name, Word
from buysignal.ship.selected import buying

PATH, SCORES = "registered.yaml", "registered.csv"
COMMAND = "python -m buysignal register"
MEND = f"`git checkout HEAD -- {PATH}` brings the committed one back, `{COMMAND}` writes it anew"
ROLES = ("train", "stop", "rank", "calibrate", "threshold", "test")
NOTHING = "no contender has an operating point"  # of a run of which nothing can be registered
SEALED, PER_DAY = ("bars", "roles", "shipped", "models"), ("per_day",)  # the latter where it is not 0
SHORT = 16  # hex digits that tell cards apart
HEAD = f"""\
# What the stage `test` opens the test role for, and nothing else. Written by `{COMMAND}`: commit it with
# the results that it was written for. An edit breaks the seal: sha256 is that of bars, roles, shipped and models.
"""
Card = matching(f"[0-9a-f]{{{SHORT}}}", f"{SHORT} hex digits")
Span = matching(r"\d{4}-\d\d-\d\d to \d{4}-\d\d-\d\d", "a first and a last day such as 2016-08-05 to 2018-12-28")


class Contender(Section):
    """What may be examined: who it is, from which scores it buys, and a hash of its whole card.

    ``rank`` is that among the search's ten; None of any other contender.
    """

    rank: or_null(whole(1))
    name: Name
    tier: Tier
    budget: Word
    threshold: Share
    certified: or_null(Share)
    card: Card


class Registered(Section):
    """The content of registered.yaml.

    Attributes
    ----------
    registered : the day it was written
    bars : SHA-256 of the bars
    roles : first and last day of every role, over all tiers
    shipped : name of the one that ships
    models : the search's ten by rank, then the others by name
    per_day : how many of many symbols are bought a day, the best; 0: as many as reach the threshold
    sha256 : of all but the day
    """

    registered: Day
    bars: Digest
    roles: by_name(choice(*ROLES), Span, "name every role")
    shipped: Name
    models: several(Contender, most=None)
    per_day: whole(0) = 0
    sha256: Digest

    def fault(self) -> str:
        """It must be what was sealed, and ship one of its models."""
        if self.shipped not in [model.name for model in self.models]:
            return f"shipped is {self.shipped}, which is none of its models"
        right = sealed(self.content)
        return "" if self.sha256 == right else f"sha256 is {self.sha256[:12]}, and that of its values {right[:12]}"

    @property
    def content(self) -> dict[str, Any]:
        """What is sealed, in plain types."""
        return self.model_dump(include=set(SEALED), mode="json") | per_day_of({"per_day": self.per_day})


def sealed(content: Mapping[str, Any]) -> str:
    """SHA-256 of bars, roles, shipped and models, and of how many are bought a day, in hex; other keys are left out."""
    kept = {key: content[key] for key in SEALED} | per_day_of(content)
    return hashlib.sha256(json.dumps(kept, sort_keys=True, allow_nan=False).encode()).hexdigest()


def per_day_of(content: Mapping[str, Any]) -> dict[str, int]:
    """How many are bought a day, of what has that key where they are; else nothing: a threshold alone is the rule."""
    return {key: content[key] for key in PER_DAY if content.get(key)}


def spans(tiers: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """First and last day of every role, the widest over the tiers; rows of metrics/featurize.

    >>> spans([{"roles": {"test": {"first": "2016-08-05", "last": "2018-12-28"}, "purged": {}}}])
    {'test': '2016-08-05 to 2018-12-28'}
    """
    found = {}
    for role in ROLES:
        ends = [tier["roles"][role] for tier in tiers if tier["roles"].get(role, {}).get("first")]
        if ends:
            found[role] = f"{min(end['first'] for end in ends)} to {max(end['last'] for end in ends)}"
    return found


def registration(selection: Mapping[str, Any], bars: str, tiers: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What would be registered of a run: bars, roles, what ships, all contenders and their seal.

    Parameters
    ----------
    selection : content of data/selected.json
    bars : SHA-256 of the bars, of data/bars/bars.json
    tiers : rows of metrics/featurize
    """
    models = [
        {
            "rank": chosen["rank"],
            **{key: chosen["card"][key] for key in ("name", "tier", "budget")},
            "threshold": chosen["point"]["threshold"],
            "certified": chosen["certified"]["threshold"],
            "card": hashlib.sha256(json.dumps(chosen["card"], sort_keys=True).encode()).hexdigest()[:SHORT],
        }
        for chosen in buying(selection)
    ]
    content = {"bars": bars, "roles": spans(tiers), "shipped": selection["shipped"], "models": models}
    content |= per_day_of(selection)
    return content | {"sha256": sealed(content)}


def read(path: str | Path = PATH) -> Registered:
    """The registration in a file.

    Raises
    ------
    UserError
        If it is missing, torn, no YAML, of another form or edited; one line with the command that helps.
    """
    try:
        return parse(Registered, _mapping(read_yaml(path)), missing="")
    except UserError as error:
        said = str(error).removesuffix(": run from the project's folder")
        raise UserError(f"{said if str(path) in said else f'{path}: {said}'}; {MEND}") from None


def _mapping(content: Any) -> Mapping[str, Any]:
    if not isinstance(content, Mapping):
        raise UserError("it holds no keys")
    return content


def write(content: Mapping[str, Any], day: str, folder: Path = Path()) -> None:
    """Write registered.yaml under a folder: what `registration` gives, and the day (ISO 8601)."""
    lines = [f"registered: {day}", f'bars: "{content["bars"]}"', "roles:"]
    lines += [f"  {role}: {span}" for role, span in content["roles"].items()]
    lines += [
        f"shipped: {json.dumps(content['shipped'])}",
        "models:",
        *(f"- {{{_flow(model)}}}" for model in content["models"]),
        *(f"{key}: {value}" for key, value in per_day_of(content).items()),
    ]
    write_text(folder / PATH, HEAD + "\n".join([*lines, f'sha256: "{content["sha256"]}"']) + "\n")


def _flow(model: Mapping[str, Any]) -> str:
    return ", ".join(f"{key}: {json.dumps(value)}" for key, value in model.items())


def difference(registered: Registered, now: Mapping[str, Any], days: pd.Index | None = None, horizon: int = 0) -> str:
    """Why a run is not the registered one, in words; empty if it is.

    Parameters
    ----------
    now : of `registration`
    days : index of the run's bars, by which a file that has grown is known; None: that is not asked
    horizon : trading days a label looks ahead, where ``days`` are given
    """
    if registered.sha256 == now["sha256"]:
        return ""
    if not now["models"]:
        return NOTHING
    if registered.bars != now["bars"]:
        grown = "" if days is None else _grown(registered, dates_of(days).unique().sort_values(), horizon)
        return _other("the bars are others", now["bars"][:12], registered.bars[:12]) + grown
    for role in ROLES:
        if registered.roles.get(role) != now["roles"].get(role):
            return _other(f"the {role} role has other days", now["roles"].get(role), registered.roles.get(role))
    if registered.per_day != (per_day := now.get("per_day", 0)):
        there, here = (f"{the_best(k)} of each day" if k else "by threshold" for k in (registered.per_day, per_day))
        return _other("it buys by another rule", here, there)
    if registered.shipped != now["shipped"]:
        return _other("another contender ships", now["shipped"], registered.shipped)
    there = [model.model_dump() for model in registered.models]
    for one, other in zip(now["models"], there):
        if one["name"] != other["name"]:
            rank, at = one["rank"], 1 + now["models"].index(one)
            place = f"contender number {at}" if rank is None else f"rank {rank} of the search's ten"
            return _other(f"{place} is another", one["name"], other["name"])
    if len(there) != len(now["models"]):
        return _other("other contenders have an operating point", f"{len(now['models'])}", f"{len(there)}")
    one, other, key = next((a, b, key) for a, b in zip(now["models"], there) for key in a if a[key] != b[key])
    if key in ("threshold", "certified"):
        word = "buys from another score" if key == "threshold" else "has another certified threshold"
        return _other(f"{one['name']} {word}", one[key], other[key])
    return f"{one['name']} is not trained as the registered one: its configuration, seeds or epochs are others"


def _other(what: str, here: Any, there: Any) -> str:
    return f"{what}: {here} here, {there} in {PATH}"


def _grown(registered: Registered, days: pd.DatetimeIndex, horizon: int) -> str:
    """What keeps the roles where bars go on after the registered ones; empty where they do not.

    The test role ends on the last day that had a label, so those bars ended ``horizon`` trading days later.
    """
    later = days[days > registered.roles["test"].split(" to ")[1]]
    if len(later) <= horizon:
        return ""
    return f"; roles.until: '{later[horizon - 1]:%Y-%m-%d}' leaves out what was added since, and no role moves"


def write_scores(index: pd.Index, label: Sequence[int], score: Sequence[float], folder: Path = Path()) -> None:
    """Write registered.csv under a folder: a row per day of the threshold role; scores keep every bit."""
    days = (f"{day:%Y-%m-%d}" for day in dates_of(index))
    if is_many(index):
        days = (f"{symbol},{day}" for symbol, day in zip(index.get_level_values(SYMBOL), days))
    rows = (f"{day},{int(one)},{float(value)!r}\n" for day, one, value in zip(days, label, score))
    write_text(folder / SCORES, ",".join([*index.names, "label", "score"]) + "\n" + "".join(rows))


def read_scores(path: str | Path = SCORES) -> pd.DataFrame:
    """Label and score of the registered candidate on the threshold role, index ``date`` or (symbol, date).

    Raises
    ------
    UserError
        If the file is missing or torn, or is not what `write_scores` writes.
    """
    mend = MEND.replace(PATH, SCORES)
    try:
        content = Path(path).read_bytes()
        if not content.endswith(b"\n"):
            raise ValueError("its end is missing")
        frame = pd.read_csv(path, parse_dates=["date"], dtype={"score": str, SYMBOL: str}, keep_default_na=False)
        index = index_of(frame)
        frame = frame.drop(columns=[*index.names]).set_axis(index)
        if "score" in frame:
            frame["score"] = frame["score"].map(float)  # to the bit, as Python reads it
        whole = list(frame) == ["label", "score"] and len(frame)
        if not (whole and index.is_unique and by_date(index).is_monotonic_increasing):
            raise ValueError("it has not a row of date, label and score for each of some days")
        if not (frame["label"].isin([0, 1]).all() and frame["score"].between(0, 1).all()):
            raise ValueError("a label is not 0 or 1, or a score not in [0, 1]")
    except FileNotFoundError:
        raise UserError(f"{path} is missing: {mend}") from None
    except (OSError, ValueError, TypeError) as error:
        reason = " ".join((getattr(error, "strerror", None) or str(error)).split())[:120]
        raise UserError(f"{path} cannot be read ({reason}): {mend}") from None
    return frame
