"""A contender fitted again on a day of the past: its recipe on what was known by then, its scores of the days after.

Nothing is searched again: kind, tier and, of a transformer, configuration stay; weights, scalers and rounds are new.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
from threadpoolctl import threadpool_limits

from buysignal.bars.manifest import read_bars
from buysignal.bars.symbols import dates_of
from buysignal.core.errors import UserError
from buysignal.core.files import read_parquet, write_parquet
from buysignal.core.progress import progress
from buysignal.core.workers.engine import Engine
from buysignal.core.workers.job import Failure
from buysignal.days.params import Label
from buysignal.days.roles import MIN_ROLE_ROWS, ROLES, assign_roles
from buysignal.models.contender import Fitted, logit
from buysignal.models.days import Days
from buysignal.models.extra import Own
from buysignal.models.params import Training
from buysignal.models.patchtst.contender import Transformer
from buysignal.models.patchtst.full import Entry, full_job, tier_file
from buysignal.models.patchtst.offset import write_offset
from buysignal.models.patchtst.store import fit_all
from buysignal.models.pretrained import Pretrained
from buysignal.models.rivals.blend import Blend
from buysignal.models.rivals.boosting import SHALLOW, Boosting, Growth
from buysignal.models.rivals.rival import Rival
from buysignal.models.scores import Scored, TunedCard

KNOWN = ("train", "stop", "calibrate", "threshold")
"""Roles of the days before a refit; what the role rank is for, the choice of a recipe, is done."""
WALKED = "walked"
"""Role of the days that a refit scores."""


@dataclass(frozen=True)
class Stretch:
    """The day of a refit, and the first day after those that it scores."""

    since: pd.Timestamp
    until: pd.Timestamp


@dataclass(frozen=True)
class Recipe:
    """What is fitted again, and how.

    Attributes
    ----------
    like : the contender as it was fitted once
    label : what it predicts
    context : days of a window
    training : of a transformer
    seed : root of every random draw, as the pipeline has it
    growth : how a boosting that was tuned grows its trees
    scratch : folder of finished fits
    """

    like: Fitted
    label: Label
    context: int
    training: Training
    seed: int
    scratch: Path
    growth: Growth = SHALLOW


def walked_dates(frame: pd.DataFrame) -> pd.DatetimeIndex:
    """The dates of a tier's table from the first of the role rank to the last of the role threshold."""
    dates, role = dates_of(frame.index), frame["role"].to_numpy(str)
    first, last = dates[role == "rank"].min(), dates[role == "threshold"].max()
    return dates[(dates >= first) & (dates <= last)].unique().sort_values()


def stretches(dates: pd.DatetimeIndex, months: int) -> list[Stretch]:
    """Refits at the first of the dates and every so many months after it; 0: never again. The last ends after them.

    Examples
    --------
    >>> days = pd.DatetimeIndex(["2001-01-30", "2001-02-27", "2001-03-05", "2001-03-30"])
    >>> [f"{one.since:%m-%d} to {one.until:%m-%d}" for one in stretches(days, 1)]
    ['01-30 to 03-05', '03-05 to 03-30', '03-30 to 03-31']
    """
    end = dates[-1] + pd.Timedelta(days=1)
    wanted, count = [dates[0]], 1
    while months and (at := dates[0] + pd.DateOffset(months=count * months)) < end:
        wanted.append(dates[dates.searchsorted(at)])
        count += 1
    begins = list(dict.fromkeys(wanted))  # where no date is between two
    return [Stretch(since, until) for since, until in zip(begins, [*begins[1:], end])]


def longest(schedules: Sequence[Sequence[Stretch]]) -> list[Stretch]:
    """Every day of a refit once, up to the last day that one of the schedules has it score."""
    until: dict[pd.Timestamp, pd.Timestamp] = {}
    for one in (stretch for schedule in schedules for stretch in schedule):
        until[one.since] = max(one.until, until.get(one.since, one.until))
    return [Stretch(*pair) for pair in sorted(until.items())]


def as_of(frame: pd.DataFrame, stretch: Stretch, horizon: int) -> pd.DataFrame:
    """A tier's table up to the end of a stretch, with the roles of a pipeline that is run on its first day.

    The dates before are cut into `KNOWN` roles, in the shares that the table has of them, and purged as ever: what is
    fitted and what is chosen sees labels that were decided before that day. From there on the role is `WALKED`.

    Raises
    ------
    UserError
        If one of these roles would have fewer than `MIN_ROLE_ROWS` dates.
    """
    dates, role = dates_of(frame.index), frame["role"].to_numpy(str)
    counts = {name: dates[role == name].nunique() for name in KNOWN}
    seen = frame[dates < stretch.until]
    known = dates[dates < stretch.since].nunique() / dates_of(seen.index).nunique()
    shares = {name: counts.get(name, 0) * known / sum(counts.values()) for name in ROLES[:-1]}
    roles = assign_roles(seen, shares, horizon, min_rows=0).replace({ROLES[-1]: WALKED})
    for name in KNOWN:
        if (few := dates_of(seen.index[roles == name]).nunique()) < MIN_ROLE_ROWS:
            raise UserError(
                f"walk: on {stretch.since:%Y-%m-%d} role {name} would have {few} dates, fewer than {MIN_ROLE_ROWS}: "
                "use more bars, or set walk.months to []"
            )
    return seen.assign(role=roles)


def grown(like: Fitted, baseline: Path) -> Growth:
    """How a boosting that was tuned, the contender or one within it, grows its trees; `SHALLOW` where there is none.

    Parameters
    ----------
    baseline : folder of the tier's baselines; ``tuning.parquet`` has the trials, of which of equals the first is best
    """
    if not any(isinstance(one.card, TunedCard) for one in (like, *(like.members if isinstance(like, Blend) else ()))):
        return SHALLOW
    trials = read_parquet(baseline / "tuning.parquet")
    best = trials.loc[trials["value"].idxmax()]
    return Growth(**{one.name: type(one.default)(best[one.name]) for one in fields(Growth)})


def before_test(bars: pd.DataFrame, frame: pd.DataFrame) -> pd.DataFrame:
    """The bars up to the last that a label of the `walked_dates` looks at: none is of the test role."""
    dates = dates_of(frame.index)
    last = frame.loc[dates <= walked_dates(frame)[-1], "label_end"].max()
    return bars[dates_of(bars.index) <= last]


def each(
    schedules: Sequence[Sequence[Stretch]], recipe: Recipe, engine: Engine
) -> list[list[tuple[Scored, pd.Timestamp]]]:
    """Of each schedule what its fits score, see `scored`, and the first day that is the next one's.

    A fit on a day that several schedules share is made once.

    Raises
    ------
    UserError
        If the days before a refit are too few for it.
    """
    wanted, found = longest(schedules), {}
    with progress("walk", len(wanted)) as advance:
        for at, result in engine.run(partial(scored, recipe=recipe), wanted):
            if isinstance(result, Failure):
                raise UserError(result.message if result.type == UserError.__name__ else f"walk: {result}")
            found[wanted[at].since] = result
            advance()
    return [[(found[one.since], one.until) for one in schedule] for schedule in schedules]


def scored(stretch: Stretch, recipe: Recipe) -> Scored:
    """`walked` of the bars and the tier's table of the project that is run in."""
    tier = recipe.like.card.tier
    return walked(stretch, recipe, read_bars("data/bars/bars.parquet"), read_parquet(tier_file(tier)))


def walked(stretch: Stretch, recipe: Recipe, bars: pd.DataFrame, frame: pd.DataFrame) -> Scored:
    """Fit again on the first day of a stretch; score what a threshold is chosen on, and the days of the stretch.

    Parameters
    ----------
    bars : all daily bars
    frame : the tier's table; no row from the end of the stretch on is looked at

    Returns
    -------
    Scores of the roles calibrate, threshold and `WALKED`.

    Raises
    ------
    UserError
        If the days before the stretch are too few, or do not show both labels.
    """
    table = as_of(frame, stretch, recipe.label.horizon)
    tier = recipe.like.card.tier
    days = Days.of(bars[dates_of(bars.index) < stretch.until], table, tier, recipe.label, recipe.context)
    taught = days.label[days.role == "train"]
    if not len(taught) or taught.min() == taught.max():
        raise UserError(f"walk: the train days before {stretch.since:%Y-%m-%d} do not show both labels: use more bars")
    with threadpool_limits(1):  # sums of floats depend on how threads share them
        fitted = refitted(recipe.like, recipe, days, table)
    return fitted.scored(days.of_roles("calibrate", "threshold", WALKED))


def refitted(like: Fitted, recipe: Recipe, days: Days, table: pd.DataFrame) -> Fitted:
    """The contender that ``like`` would be, had it been fitted on the days of `KNOWN` roles; a pretrained one stays."""
    match like:
        case Pretrained():
            return like
        case Own():
            return Own.fit(days.known(), recipe.seed, like.spec)
        case Boosting():
            growth = recipe.growth if isinstance(like.card, TunedCard) else SHALLOW
            found = Boosting.fit(days.known(), recipe.seed, growth)
            return replace(found, card=replace(found.card, name=like.card.name))
        case Rival():
            return type(like).fit(days.known(), recipe.seed)
        case Blend():
            members = [refitted(one, recipe, days, table) for one in like.members]
            seen = days.of_roles(*KNOWN)
            return Blend.of(members, [one.scored(seen) for one in members], days.tier, like.card.name)
        case Transformer():
            return _trained(like, recipe, days, table)
    raise ValueError(f"{like.card.name}: {type(like).__name__} is no kind that is fitted again")


def _trained(like: Transformer, recipe: Recipe, days: Days, table: pd.DataFrame) -> Transformer:
    """As the stages that train do it, on a table that ends where the stretch begins."""
    under = None if like.under is None else refitted(like.under, recipe, days, table)
    card, offset = like.card, ""
    with TemporaryDirectory(prefix="walk-") as folder:
        path = write_parquet(Path(folder) / "tier.parquet", table[table["role"] != WALKED])
        if under is not None:
            seen = days.of_roles(*KNOWN)
            offset = str(write_offset(Path(folder) / "offset.parquet", seen.index, logit(under.averaged(seen))))
        entry = Entry(card.name, card.tier, card.budget, card.origin, card.configuration, card.cap, offset)
        job = replace(full_job(entry, like.shape, recipe.training, recipe.seed), tier_path=str(path))
        [fit] = fit_all([job], recipe.scratch / "fits", Engine())
    ran = tuple(int(epochs) for epochs in fit.trained.epochs)
    return Transformer.of(replace(card, seeds=job.seeds, epochs=ran), fit, like.shape, under)
