"""What the manifest of a shipped model may hold: every key and value of model.json.

A manifest comes from a file that anybody may have written, and its values size arrays, name files and
are printed; none is used before it has been found to be one that shipping writes.
"""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import AfterValidator, BeforeValidator

from buysignal.core.errors import UserError, shown
from buysignal.core.isoday import Day
from buysignal.core.params import Specs, Tier
from buysignal.core.sealed import SEAL, own_sha256
from buysignal.core.settings import (
    Confidence,
    Must,
    Section,
    Share,
    by_name,
    matching,
    or_null,
    parse,
    printable,
    real,
    several,
    whole,
)
from buysignal.days.params import Label
from buysignal.features.tiers import features
from buysignal.judge.calibration_maps import KINDS, CalibrationMap, from_dict
from buysignal.judge.evidence import Count, Evidence, NotNegative
from buysignal.judge.money import Money
from buysignal.judge.params import Claimed, Failure
from buysignal.judge.verdict import Verdict
from buysignal.models.dataset import Scaler
from buysignal.models.params import Hyperparameters
from buysignal.models.scores import FAMILIES, ModelCard, TunedCard
from buysignal.ship.forms import Digest, Name, Word
from buysignal.ship.promise import TESTED
from buysignal.ship.regime import Regime

Feature = matching("[a-z0-9_]{1,80}", "a name of at most 80 letters, digits and underscores")
Reason = printable(1000, "one printable line of at most 1,000 characters")
Place = printable(200, "a name of at most 200 characters")
Version = printable(200, "a hash or a version")
Number = real("that is finite")
Positive = real("that is finite and above 0", gt=0)


class Promise(Section):
    """A certified threshold: with probability 1 - ``delta`` its precision, or its return, is above ``target``.

    ``threshold`` is None where none is certified; ``reason`` is one sentence. By ``kind`` it is the precision, or the
    mean return of a trade after costs, whose target is 0; a manifest without it is of a precision.
    """

    threshold: or_null(Share)
    target: Share
    delta: Failure
    reason: Reason
    kind: Claimed = "precision"

    def fault(self) -> str:
        """A precision has a target between 0 and 1, an expectancy 0."""
        if self.kind == "expectancy":
            return "" if self.target == 0 else f"target is {self.target}; it must be 0, which is a mean return"
        return "" if 0 < self.target < 1 else f"target is {self.target}; it must be a number above 0 and below 1"

    @property
    def words(self) -> str:
        """What is promised, and how surely."""
        kept = f"precision above {self.target:g}" if self.kind == "precision" else "a trade earns more than its costs"
        return f"{kept} with probability {1 - self.delta:g}"


class Seen(Section):
    """What buying from a threshold came to: every key of `Evidence`, by role; None on one that was not opened.

    ``money`` is what it earned on the test role, None of no buy; ``verdict`` is by that.
    """

    test: Annotated[Evidence, AfterValidator(dict)] | None
    threshold: Annotated[Evidence, AfterValidator(dict)]
    money: Money | None
    verdict: Verdict


class Expected(Section):
    """What a model's buys came to on days it was not trained on; of one that was not examined the test role is None.

    Attributes
    ----------
    n, first, last : days of the test role, and its ends as ISO dates
    confidence : of the two-sided intervals of both roles
    precision_shrunk : of the threshold role at the chosen threshold, what is luck taken out; None of a baseline,
        which was not found by luck
    log_loss, score_log_loss : on the test role, of the probability and of the score itself
    chosen, certified : at the two thresholds; None where none is certified
    """

    n: or_null(Count)
    first: or_null(Day)
    last: or_null(Day)
    confidence: Confidence
    precision_shrunk: or_null(Share)
    log_loss: or_null(NotNegative)
    score_log_loss: or_null(NotNegative)
    chosen: Seen
    certified: Seen | None

    def fault(self) -> str:
        """There must be days, or nothing of the test role at all."""
        seen = [getattr(self, key) for key in TESTED] + [at.test for at in (self.chosen, self.certified) if at]
        if all(value is None for value in seen):
            return ""
        if any(value is None for value in seen):
            return "it has a part of the test role, and must have all of it or none"
        return "" if self.n and self.first <= self.last else "it must have first <= last and n >= 1"

    @property
    def examined(self) -> bool:
        """Whether the test role was opened for the model."""
        return self.n is not None


class _Card(Section):
    """The fields of `buysignal.models.scores.ModelCard`, or of a `TunedCard`, which has ``tried`` beside them."""

    name: Name
    tier: Tier
    family: Annotated[Literal[FAMILIES], Must(f"one of {', '.join(FAMILIES)}")]
    budget: Word
    origin: Word
    configuration: Hyperparameters | None
    parameters: Count
    cap: Count
    seeds: several(Count, most=None, least=0)
    epochs: several(Count, most=None, distinct=False, least=0)
    tried: or_null(whole(1)) = None

    def fault(self) -> str:
        """A transformer has a configuration, and a number of epochs for each seed."""
        if self.family != "transformer":
            return "" if self.configuration is None else f"configuration must be null: a {self.family} has none"
        if self.configuration is None or not self.seeds:
            return "configuration or seeds are missing: a transformer has them"
        return "" if len(self.epochs) == len(self.seeds) else f"epochs has not the {len(self.seeds)} values of seeds"

    @property
    def card(self) -> ModelCard:
        """The same as every other room has it."""
        known = self.configuration and self.configuration.configuration
        told = dict(self) | {"configuration": known}
        tried = told.pop("tried")
        return ModelCard(**told) if tried is None else TunedCard(**told, tried=tried)


class _Calibration(Section, extra="allow"):
    """A map and whose it is; the other keys are numbers of the map, and the map's own matter."""

    __pydantic_extra__: dict[
        str, Annotated[Number | several(Number, None, False), Must("a finite number, or a list of them")]
    ]
    name: Name
    tier: Tier
    reason: Reason
    map: Annotated[Literal[tuple(KINDS)], Must(f"a calibration map: one of {', '.join(KINDS)}")]

    def apply(self) -> CalibrationMap:
        """The map, if it is one: a probability for every score, never less for a higher one."""
        try:
            found = from_dict({"map": self.map, **self.model_extra})
            with np.errstate(all="ignore"):  # a hostile slope may overflow on its way to 0 or 1
                said = np.asarray(found.apply(np.linspace(0, 1, 1001)), float)
        except (ValueError, TypeError, LookupError) as error:
            raise UserError(f"calibration is no map ({shown(str(error))[1:-1]})") from None
        if not (np.isfinite(said).all() and (said >= 0).all() and (said <= 1).all() and (np.diff(said) >= 0).all()):
            raise UserError("calibration gives a score no probability, or a higher score a lower one")
        return found


class _Scaler(Section):
    """Mean and deviation of each feature on the train role."""

    mean: several(Number, most=None, distinct=False)
    deviation: several(Positive, most=None, distinct=False)


class Asks(Section):
    """What a contender asks of bars before it scores a day.

    Attributes
    ----------
    context : days that a window shows
    warmup : bars before the first day of which all features are known
    own : features of a user's own, as `buysignal.core.plugins.read` takes them
    content : what their code is, as `buysignal.core.plugins.content_of`
    """

    context: whole(1, 10**5)
    warmup: whole(0, 10**6)
    own: Specs
    content: by_name(Place, Version, "name what it is", 0)


def _of_a_kind(label: Any) -> Any:
    """A label as models have it that were shipped before there were kinds: a touch."""
    return {"kind": "touch", "stop": -1.0} | label if isinstance(label, dict) else label


class _Manifest(Section):
    """The keys of model.json."""

    card: _Card
    asks: Asks
    features: several(Feature, most=None)
    scaler: _Scaler
    label: Annotated[Label, BeforeValidator(_of_a_kind)]
    threshold: Share
    per_day: whole(0) = 0
    certified: Promise
    calibration: _Calibration
    regime: Regime
    expected: Expected
    sha256: Digest
    own_sha256: Digest

    def fault(self) -> str:
        """Its parts must be of one contender."""
        card, said, names = self.card, self.calibration, self.features
        known = _features(card.tier, names)
        if list(names[: len(known)]) != known or (len(names) > len(known)) != bool(self.asks.own):
            other = (i for i, (name, right) in enumerate(zip(names, known)) if name != right)
            at = next(other, min(len(names), len(known)))
            told = f"number {at + 1} is {shown(names[at]) if at < len(names) else 'missing'}"
            return f"features are not the {len(known)} of tier {card.tier}: {told}"
        for key in ("mean", "deviation"):
            if len(getattr(self.scaler, key)) != len(names):
                return f"scaler.{key} has {len(getattr(self.scaler, key))} values; {len(names)} features need as many"
        if (said.name, said.tier) != (card.name, card.tier):
            return f"calibration is of {said.name} on {said.tier}; it must be of {card.name} on {card.tier}"
        if self.per_day and not self.regime.symbols:
            return "per_day must not be there: the model was trained on one market, which has no best of a day"
        if (self.expected.certified is None) != (self.certified.threshold is None):
            return "expected.certified must be there if and only if a threshold is certified"
        return ""


def read_manifest(content: Any) -> dict[str, Any]:
    """The fields of `buysignal.ship.package.Shipped` that model.json gives, from its content.

    Raises
    ------
    UserError
        If a key is missing or unknown, or a value is not one that shipping writes; the message names it.
    """
    manifest = parse(_Manifest, content, missing="")
    scaler = Scaler(*(np.array(part, np.float64) for part in (manifest.scaler.mean, manifest.scaler.deviation)))
    found = dict(card=manifest.card.card, scaler=scaler, calibration=manifest.calibration.apply())
    if manifest.own_sha256 != own_sha256(content):  # legal, but not what was shipped
        raise UserError(f"a value was changed: {SEAL} is {manifest.own_sha256[:12]}, not that of the others")
    kept = ("asks", "features", "label", "threshold", "per_day", "certified", "regime", "expected")
    return found | {key: getattr(manifest, key) for key in kept}


def _features(tier: str, names: Sequence[str]) -> list[str]:
    """What a tier's features are called: without those of volume, or without the raw bar, if that is what begins."""
    forms = (
        [feature.name for feature in features(tier, volume, raw)]
        for raw in (True, False)
        for volume in ((True, False) if "volume" not in names else (True,))
    )
    found = (form for form in forms if list(names[: len(form)]) == form)
    return next(found, [feature.name for feature in features(tier)])
