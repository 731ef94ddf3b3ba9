"""The model of another run that competes in this one: read from its folder, refused where it cannot or must not."""

from pathlib import Path

from buysignal.bars.symbols import dates_of
from buysignal.core.errors import UserError
from buysignal.days.params import Label
from buysignal.models.days import Days
from buysignal.models.params import Model, Models
from buysignal.models.pretrained import Pretrained
from buysignal.ship.package import MANIFEST, Shipped, load

NONE = Path("proposals/none.yaml")
"""What ``models.pretrained`` is where there is none: a file that DVC finds."""


def read(models: Models, label: Label, model: Model) -> Shipped | None:
    """What ``models.pretrained`` names, proven whole; None where that is `NONE`.

    Raises
    ------
    UserError
        If the folder holds no model, or that model was taught another label or longer windows.
    """
    folder = Path(models.pretrained)
    if folder == NONE:
        return None
    if not (folder / MANIFEST).is_file():
        raise UserError(
            f"models.pretrained: there is no {folder / MANIFEST}; it must be the folder of a model of another run, "
            f"such as a copy of its data/models/shipped, or {NONE}"
        )
    found = load(folder)
    if found.label != label:
        raise UserError(f"models.pretrained: {folder} was taught another label ({_differ(found.label, label)})")
    if found.context > model.context:
        raise UserError(
            f"models.pretrained: {folder} sees {found.context} days and model.context is {model.context}: "
            f"it must be at least {found.context}"
        )
    return found


def contender(found: Shipped, days: Days) -> Pretrained:
    """It as a contender on the days of its tier.

    Raises
    ------
    UserError
        If it learned from a day on or after the first day of the stop role, when this run's models know no more.
    """
    begins, last = dates_of(days.of_roles("stop").index).min().strftime("%Y-%m-%d"), found.regime.last
    if last >= begins:
        raise UserError(
            f"models.pretrained: it was trained on days up to {last}, and the stop role begins on {begins}: it must "
            f"have been trained on earlier ones, as days of many markets rise and fall together"
        )
    return Pretrained.of(found.fitted, found.features, found.scaler, found.context)


def _differ(theirs: Label, ours: Label) -> str:
    """Keys of the section label whose values differ, with both."""
    pairs = ((key, value, getattr(ours, key)) for key, value in theirs)
    return ", ".join(f"{key} {value} there, {own} here" for key, value, own in pairs if value != own)
