"""What the manifest of a shipped model may hold: every key and value of model.json, one by one.

A manifest comes from a file that anybody may have written, and its values size arrays, name files and
are printed; none is used before it has been found to be one that shipping writes.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

import numpy as np

from buysignal.core.errors import UserError
from buysignal.core.params import TIERS, CertifyParams, LabelParams, ModelParams, hyper_rule
from buysignal.core.rules import Rule, shown
from buysignal.features.tiers import features
from buysignal.judge.calibration_maps import CalibrationMap, from_dict
from buysignal.models.patchtst.architecture import Configuration, Shape, count_parameters
from buysignal.models.scores import ModelCard
from buysignal.ship.regime import Regime


def _matching(pattern: str, words: str) -> Rule:
    return Rule(str, words, lambda v: bool(re.fullmatch(pattern, v)))


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


NAME = _matching("[A-Za-z0-9-]{1,80}", "a name of at most 80 letters, digits and hyphens")  # it may name a file
WORD = _matching("[A-Za-z0-9]{0,20}", "a word of at most 20 letters and digits, or none")
FEATURE = _matching("[a-z0-9_]{1,80}", "a name of at most 80 letters, digits and underscores")
DIGEST = _matching("[0-9a-f]{64}", "64 hex digits")
TIER = Rule(str, f"one of {', '.join(TIERS)}", lambda v: v in TIERS)
KIND = Rule(str, "patchtst", lambda v: v == "patchtst")
REASON = Rule(str, "one printable line of at most 1,000 characters", lambda v: v.isprintable() and len(v) <= 1000)
COUNT = Rule(int, "a whole number from 0 to 10**12", lambda v: 0 <= v <= 10**12)
UNIT = Rule(float, "a number in [0, 1]", lambda v: 0 <= v <= 1)
NUMBER = Rule(float, "a finite number", math.isfinite)
NOT_NEGATIVE = Rule(float, "a number from 0 to 10**12", lambda v: 0 <= v <= 1e12)
PRICE = Rule(float, "a price above 0 and at most 10**12", lambda v: 0 < v <= 1e12)
CONFIDENCE = Rule(float, "a number above 0.5 and below 1", lambda v: 0.5 < v < 1)
MARKET = _matching("[A-Za-z0-9^.=&-]{1,20}", "a ticker or a source, at most 20 letters, digits and signs of ^.=&-")
DAY = Rule(str, "a day such as 2018-12-31", _is_day)

CARD = {"name": NAME, "tier": TIER, "kind": KIND, "budget": WORD, "origin": WORD, "parameters": COUNT, "cap": COUNT}
REGIME = {"market": MARKET, "first": DAY, "last": DAY, "seen": DAY, "low": NOT_NEGATIVE, "high": NOT_NEGATIVE}
REGIME |= {"max_gap_days": COUNT, "least_close": PRICE, "largest_move": NOT_NEGATIVE}
EXPECTED = {"n": COUNT, "first": DAY, "last": DAY, "confidence": CONFIDENCE, "precision_shrunk": UNIT}
EXPECTED |= {"log_loss": NOT_NEGATIVE, "score_log_loss": NOT_NEGATIVE}
EVIDENCE = {  # as `buysignal.judge.evidence` has it, which needs half a second to import
    "precision": UNIT,
    "precision_low": UNIT,
    "recall": UNIT,
    "n_buys": COUNT,
    "hits": COUNT,
    "n_eff": NOT_NEGATIVE,
    "base_rate": UNIT,
    "lift": NOT_NEGATIVE,
    "alert_rate": UNIT,
    "seeds": COUNT,
    "configurations": COUNT,
}
INTERVALS = ("precision_interval", "recall_interval")
PARTS = (
    "card",
    "shape",
    "features",
    "label",
    "threshold",
    "certified",
    "calibration",
    "regime",
    "expected",
    "best_epoch",
    "sha256",
    "own_sha256",
)


@dataclass(frozen=True)
class Promise:
    """A certified threshold: with probability 1 - ``delta`` its precision is above ``target``.

    ``threshold`` is None where none is certified; ``reason`` is one sentence.
    """

    threshold: float | None
    target: float
    delta: float
    reason: str


@dataclass(frozen=True)
class Seen:
    """What buying from a threshold came to: every key of `buysignal.judge.evidence.EVIDENCE`, by role."""

    test: Mapping[str, Any]
    threshold: Mapping[str, Any]


@dataclass(frozen=True)
class Expected:
    """What a model's buys came to on days it was not trained on.

    Attributes
    ----------
    n, first, last : days of the test role, and its ends as ISO dates
    confidence : of the two-sided intervals of both roles
    precision_shrunk : of the threshold role at the chosen threshold, what is luck taken out
    log_loss, score_log_loss : on the test role, of the probability and of the score itself
    chosen, certified : at the two thresholds; None where none is certified
    """

    n: int
    first: str
    last: str
    confidence: float
    precision_shrunk: float
    log_loss: float
    score_log_loss: float
    chosen: Seen
    certified: Seen | None


def read_manifest(content: Any) -> dict[str, Any]:
    """The fields of `buysignal.ship.package.Shipped` that model.json gives, from its content.

    Raises
    ------
    UserError
        If a key is missing or unknown, or a value is not one that shipping writes; the message names it.
    """
    _keys(content, PARTS, "it")
    shape = Shape(**_section(ModelParams, content["shape"], "shape"))
    if not shape.stride <= shape.patch <= shape.context:
        raise UserError(f"shape is {shown(content['shape'])}; it must be stride <= patch <= context")
    card = _card(content["card"])
    names = _list(content["features"], FEATURE, "features")
    known = [feature.name for feature in features(card.tier)]
    if list(names) != known:
        at = next((i for i, pair in enumerate(zip(names, known)) if pair[0] != pair[1]), min(len(names), len(known)))
        told = f"number {at + 1} is {shown(names[at]) if at < len(names) else 'missing'}"
        raise UserError(f"features are not the {len(known)} of tier {card.tier}: {told}")
    count = count_parameters(card.configuration, shape, len(known))
    if card.parameters != count:
        raise UserError(f"card.parameters is {card.parameters}; configuration, shape and features make {count}")
    if len(_list(content["best_epoch"], COUNT, "best_epoch")) != len(card.seeds):
        raise UserError(f"best_epoch has not the {len(card.seeds)} values of card.seeds")
    for key in ("sha256", "own_sha256"):
        DIGEST.read(content[key], key, "")
    found = {
        "card": card,
        "shape": shape,
        "features": names,
        "label": LabelParams(**_section(LabelParams, content["label"], "label")),
        "threshold": UNIT.read(content["threshold"], "threshold", ""),
        "certified": _promise(content["certified"]),
        "calibration": _calibration(content["calibration"], card),
        "regime": _regime(content["regime"]),
        "expected": _expected(content["expected"], content["certified"]["threshold"] is not None),
    }
    if content["own_sha256"] != own_sha256(content):  # legal, but not what was shipped
        raise UserError(f"a value was changed: own_sha256 is {content['own_sha256'][:12]}, not that of the others")
    return found


def own_sha256(content: Mapping[str, Any]) -> str:
    """SHA-256 of a manifest's values but this one, in hex: a threshold with one digit changed is found by it."""
    others = {key: value for key, value in content.items() if key != "own_sha256"}
    return hashlib.sha256(json.dumps(others, sort_keys=True).encode()).hexdigest()


def _card(content: Any) -> ModelCard:
    _keys(content, [f.name for f in fields(ModelCard)], "card")
    plain = {key: rule.read(content[key], f"card.{key}", "") for key, rule in CARD.items()}
    seeds, epochs = (_list(content[key], COUNT, f"card.{key}") for key in ("seeds", "epochs"))
    if len(epochs) != len(seeds) or len(set(seeds)) != len(seeds):
        raise UserError("card.seeds must be distinct, and card.epochs as many")
    names = [f.name for f in fields(Configuration)]
    _keys(content["configuration"], names, "card.configuration")
    values = {n: hyper_rule(n).read(content["configuration"][n], f"card.configuration.{n}", "") for n in names}
    configuration = Configuration(**values).check("card.configuration")
    return ModelCard(**plain, configuration=configuration, seeds=seeds, epochs=epochs)


def _promise(content: Any) -> Promise:
    _keys(content, [f.name for f in fields(Promise)], "certified")
    target, delta = (
        f.metadata["rule"].read(content[key], f"certified.{key}", "")
        for key, f in zip(("target", "delta"), fields(CertifyParams))
    )
    threshold = content["threshold"]
    threshold = None if threshold is None else UNIT.read(threshold, "certified.threshold", "")
    return Promise(threshold, target, delta, REASON.read(content["reason"], "certified.reason", ""))


def _calibration(content: Any, card: ModelCard) -> CalibrationMap:
    """The map, if it is one: a probability for every score, never less for a higher one."""
    if not isinstance(content, Mapping) or not {"name", "tier", "reason", "map"} <= set(content):
        raise UserError(f"calibration is {shown(content)}; it must have name, tier, reason and map")
    if (content["name"], content["tier"]) != (card.name, card.tier):
        raise UserError(f"calibration is of {shown(content['name'])}; it must be of {card.name} on {card.tier}")
    REASON.read(content["reason"], "calibration.reason", "")
    for key in set(content) - {"name", "tier", "reason", "map"}:
        value, where = content[key], f"calibration.{shown(key)[1:-1]}"
        _list(value, NUMBER, where) if isinstance(value, list) else NUMBER.read(value, where, "")
    try:
        found = from_dict({key: value for key, value in content.items() if key not in ("name", "tier", "reason")})
        with np.errstate(all="ignore"):  # a hostile slope may overflow on its way to 0 or 1
            said = np.asarray(found.apply(np.linspace(0, 1, 1001)), float)
    except (ValueError, TypeError, LookupError) as error:
        raise UserError(f"calibration is no map ({shown(str(error))[1:-1]})") from None
    if not (np.isfinite(said).all() and (said >= 0).all() and (said <= 1).all() and (np.diff(said) >= 0).all()):
        raise UserError("calibration gives a score no probability, or a higher score a lower one")
    return found


def _regime(content: Any) -> Regime:
    values = _values(content, REGIME, "regime")
    found = Regime(**values)
    if not (found.first <= found.last <= found.seen and found.low <= found.high and found.max_gap_days):
        raise UserError("regime must have first <= last <= seen, low <= high and max_gap_days >= 1")
    return found


def _expected(content: Any, certified: bool) -> Expected:
    _keys(content, [f.name for f in fields(Expected)], "expected")
    values = _values({key: content[key] for key in EXPECTED}, EXPECTED, "expected")
    if values["first"] > values["last"] or not values["n"]:
        raise UserError("expected must have first <= last and n >= 1")
    if (content["certified"] is not None) != certified:
        raise UserError("expected.certified must be there if and only if a threshold is certified")
    chosen, promised = (_seen(content[key], f"expected.{key}") for key in ("chosen", "certified"))
    if chosen is None:
        raise UserError("expected.chosen is None; it must be a mapping")
    return Expected(**values, chosen=chosen, certified=promised)


def _seen(content: Any, where: str) -> Seen | None:
    if content is None:
        return None
    roles = [f.name for f in fields(Seen)]
    _keys(content, roles, where)
    return Seen(**{role: _evidence(content[role], f"{where}.{role}") for role in roles})


def _evidence(content: Any, where: str) -> dict[str, Any]:
    _keys(content, (*EVIDENCE, *INTERVALS), where)
    found = _values({key: content[key] for key in EVIDENCE}, EVIDENCE, where)
    if found["hits"] > found["n_buys"]:
        raise UserError(f"{where} has {found['hits']} hits in {found['n_buys']} buys")
    for key in INTERVALS:
        ends = _list(content[key], UNIT, f"{where}.{key}")
        if len(ends) != 2 or ends[0] > ends[1]:
            raise UserError(f"{where}.{key} is {shown(list(ends))}; it must be a low and a high end")
        found[key] = list(ends)
    return found


def _values(content: Any, rules: Mapping[str, Rule], where: str) -> dict[str, Any]:
    """Values under the rules of their keys."""
    _keys(content, tuple(rules), where)
    return {key: rule.read(content[key], f"{where}.{key}", "") for key, rule in rules.items()}


def _section(kind: type, content: Any, where: str) -> dict[str, Any]:
    """Values under the rules of a section of params.yaml, whose keys they are."""
    _keys(content, [f.name for f in fields(kind)], where)
    return {f.name: f.metadata["rule"].read(content[f.name], f"{where}.{f.name}", "") for f in fields(kind)}


def _list(content: Any, rule: Rule, where: str) -> tuple:
    if not isinstance(content, list) or not content:
        raise UserError(f"{where} is {shown(content)}; it must be a list with at least one value")
    return tuple(rule.read(value, f"{where}[{at}]", "") for at, value in enumerate(content))


def _keys(content: Any, known: Sequence[str], where: str) -> None:
    if not isinstance(content, Mapping):
        raise UserError(f"{where} is {shown(content)}; it must be a mapping")
    for key in known:
        if key not in content:
            raise UserError(f"{where} has no key {key}")
    for key in content:
        if key not in known:
            raise UserError(f"{where} has an unknown key {shown(key)[1:-1]}")
