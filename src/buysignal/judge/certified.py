"""Thresholds certified to keep a promise, or none: Learn-Then-Test on dependent days.

A threshold is certified when the hypothesis "its true precision is at most the target" is rejected,
with the probability of any false rejection among all thresholds at most delta (Angelopoulos, Bates,
Candès, Jordan, Lei: Learn then Test, arXiv:2110.01052, 2021). The other claim that is put to the same
test, "the mean return of its buys is above 0 after costs", is `buysignal.judge.certified_money`. Three
things keep the promise:

- the thresholds are score quantiles of the calibrate role, and those kept have enough buys on the
  threshold role: neither looks at a label the test uses;
- the p-value is the exact binomial tail at the effective count of buys, since neighbouring days, and the
  symbols of one date, tell nearly the same story (`p_values`);
- the order of the tests is fixed beforehand: from the highest threshold downwards until one is not
  rejected, each at delta (fixed-sequence testing, Bauer, Statistics in Medicine 10, 1991; MAPIE).

How often the promise is broken, and what it costs in power: docs/honesty.md.
"""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from mapie.risk_control import control_fwer
from scipy.special import betainc

from buysignal.judge.dates import Dates, dates_in
from buysignal.judge.evidence import Evidence, evidence
from buysignal.judge.intervals import effective_count
from buysignal.judge.operating import JUDGE, PROPOSE, SelectionRules, alerts, candidate_thresholds, held_in
from buysignal.judge.thresholds import curve_at
from buysignal.models.scores import Scored


class Claim(Protocol):
    """What a threshold is certified to keep.

    Attributes
    ----------
    kind : ``precision`` or ``expectancy``
    target : what the precision, or the mean return after costs, is above
    asked, kept : in words: certified at ``asked``, and where ``kept``
    """

    kind: str
    target: float
    asked: str
    kept: str

    def p_values(self, model: Scored, alert: np.ndarray, horizon: int) -> np.ndarray:
        """P-value (k,) of "the claim is false" for every set of alerts (k, n) on the threshold role."""

    def doubt(self, p: np.ndarray, delta: float) -> str:
        """Why none is certified, from the p-values (k,) of increasing thresholds."""


@dataclass(frozen=True)
class Precision:
    """The claim that the precision is above a target, 0 < target < 1; see `Claim`."""

    target: float
    kind: str = "precision"

    @property
    def asked(self) -> str:
        """The target."""
        return f"target {self.target:g}"

    @property
    def kept(self) -> str:
        """That it is reached."""
        return f"precision reaches {self.asked}"

    def p_values(self, model: Scored, alert: np.ndarray, horizon: int) -> np.ndarray:
        """Those of the binomial tail, see `p_values`."""
        return p_values(model.of(JUDGE)[0], alert, horizon, self.target, dates_in(model, JUDGE))

    def doubt(self, p: np.ndarray, delta: float) -> str:
        """With the least of the p-values, and the first that was tested."""
        best = f"the best of {len(p)} has p = {p.min():.3f} at {self.asked} (delta {delta:g})"
        return f"{best}; the highest, where the tests begin, {p[-1]:.3f}"


@dataclass(frozen=True)
class Certified:
    """A threshold that keeps the claim, or None and why; None is a valid answer.

    Attributes
    ----------
    threshold : buy if score >= threshold; None if none is certified
    kind : ``precision`` or ``expectancy``, see `Claim`
    target : the precision to be reached, 0 < x < 1; of an expectancy 0.0, a mean return after costs
    delta : probability that the true one is not above the target all the same; 0 < x < 1
    evidence : precision, recall and all that belongs to them on the threshold role; of no buy without a threshold
    tested : thresholds with enough buys, which were put to the test
    p_value : of the threshold; without one the least of those tested, 1 if none was
    reason : one sentence, without a full stop
    """

    threshold: float | None
    target: float
    delta: float
    evidence: Evidence
    tested: int
    p_value: float
    reason: str
    kind: str = "precision"

    def to_dict(self) -> dict[str, Any]:
        """Plain types for JSON, the evidence beside the threshold; without ``kind`` it is the precision."""
        own = {name: getattr(self, name) for name in ("threshold", "target", "delta", "tested", "p_value", "reason")}
        return own | ({} if self.kind == "precision" else {"kind": self.kind}) | self.evidence.to_dict()


def certify(model: Scored, claim: Claim, delta: float, rules: SelectionRules, configurations: int = 1) -> Certified:
    """The threshold of highest recall among those certified for the seed average.

    Parameters
    ----------
    model : needs days of the calibrate role (scores) and of the threshold role
    claim : what is to be kept
    delta : probability of certifying a threshold that does not keep it; 0 < x < 1
    rules : ``points`` thresholds are proposed, those with ``min_buys`` buys are tested, and a
        certified one needs ``min_recall``. With ``per_day`` the thresholds are quantiles of what the best of each day
        score, and each buys those of the best that reach it: again sets fixed by scores alone, each within that of
        the threshold below it, so the tests and their order stay what they are
    configurations : looked at before this one was chosen. The promise is made per model: of many
        certified ones a share of delta may fall short.
    """
    proposing, score = (held_in(model, role, rules.per_day) for role in (PROPOSE, JUDGE))
    label = model.of(JUDGE)[0]
    told = (rules.horizon, rules.confidence, len(model.card.seeds), configurations, dates_in(model, JUDGE))

    def answer(threshold: float | None, tested: int, p_value: float, reason: str) -> Certified:
        seen = evidence(label, alerts(model, JUDGE, threshold, rules.per_day), *told)
        return Certified(threshold, claim.target, delta, seen, tested, p_value, reason, claim.kind)

    if not len(proposing) or not len(label):
        missing = JUDGE if len(proposing) else PROPOSE
        return answer(None, 0, 1.0, f"no threshold is certified: no day of role {missing} is scored")
    candidates = candidate_thresholds(proposing[np.isfinite(proposing)], rules.points)
    curve = curve_at(label, score, candidates)
    enough = curve.n_buys >= rules.min_buys
    if not enough.any():
        most = f"at most {curve.n_buys.max()} buys at any of {len(candidates)}, {rules.min_buys} are needed"
        return answer(None, 0, 1.0, f"no threshold is certified: {most}")
    threshold, recall = candidates[enough], curve.recall[enough]
    p = claim.p_values(model, score >= threshold[:, None], rules.horizon)
    certified = reject(p, delta)
    tested, sure = len(threshold), f"(delta {delta:g})"
    if not len(certified):
        return answer(None, tested, float(p.min()), f"no threshold is certified: {claim.doubt(p, delta)}")
    lowest = certified[0]  # recall only falls as the threshold rises
    if recall[lowest] < rules.min_recall:
        short = f"recall is at most {recall[lowest]:.3f} where {claim.kept} {sure}, {rules.min_recall:.3f} is needed"
        return answer(None, tested, float(p[certified].min()), f"no threshold is certified: {short}")
    many = f"{len(certified)} of {tested} thresholds are certified at {claim.asked} {sure}"
    reason = f"{many}; this one has the highest recall"
    return answer(float(threshold[lowest]), tested, float(p[lowest]), reason)


def p_values(
    label: np.ndarray, alert: np.ndarray, horizon: int, target: float, dates: Dates | None = None
) -> np.ndarray:
    """P-value of "the true precision is at most target" for every set of alerts.

    ``P(B >= k)`` for B binomial with n_eff tosses of chance ``target`` and k = precision * n_eff, both
    extended to fractions by the beta distribution. It is one minus the confidence at which the bound
    of Clopper and Pearson equals the target.

    Parameters
    ----------
    label : (n,) 0 or 1, consecutive trading days
    alert : (k, n) bool
    horizon : trading days a label looks ahead; >= 1
    target : 0 < x < 1
    dates : of the n, where they are rows of many symbols; None: each is a day of its own

    Returns
    -------
    (k,); 1 without a hit.
    """
    count = effective_count(alert, label, horizon, dates)
    hits = count * (alert * label).sum(axis=-1) / np.maximum(alert.sum(axis=-1), 1)
    return np.where(hits > 0, betainc(np.where(hits > 0, hits, 1.0), count - hits + 1, target), 1.0)


def reject(p: np.ndarray, delta: float) -> np.ndarray:
    """Positions of the certified among p-values (k,) of increasing thresholds, k >= 1; increasing.

    Tested from the last downwards, until one is above delta; the family-wise error is at most delta.
    """
    return np.sort(len(p) - 1 - control_fwer(p[::-1], delta, "fixed_sequence"))
