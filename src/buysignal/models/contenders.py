"""Every kind of contender that can be read from its folder."""

from pathlib import Path

from buysignal.core.errors import UserError
from buysignal.core.sealed import MEND
from buysignal.days.params import Label
from buysignal.models import kept
from buysignal.models.contender import Fitted
from buysignal.models.params import Model, Models
from buysignal.models.pretrained import PRETRAINED, Pretrained
from buysignal.models.scores import offset_of

NONE = Path("proposals/none.yaml")
"""What ``models.pretrained`` is where there is none: a file that DVC finds."""


def load(folder: str | Path) -> Fitted:
    """The contender in a folder, as `buysignal.models.kept.save` wrote it; errors as there."""
    return kept.load(folder, _kind)


def load_all(folder: str | Path) -> list[Fitted]:
    """Every contender with a folder of its own, which has its name, in a folder; in the order of the names."""
    found = {path.parent: load(path.parent) for path in sorted(Path(folder).glob(f"*/{kept.FITTED}"))}
    for place, fitted in found.items():
        if fitted.card.name != place.name:
            raise UserError(f"{place / kept.FITTED} is of {fitted.card.name}: {MEND}")
    return list(found.values())


def pretrained(named: Models, label: Label, model: Model) -> Pretrained | None:
    """What ``models.pretrained`` names, proven whole; None where that is `NONE`.

    Raises
    ------
    UserError
        If the folder holds no such model, or that model was taught another label or longer windows.
    """
    folder = Path(named.pretrained)
    if folder == NONE:
        return None
    if not (folder / kept.FITTED).is_file():
        raise UserError(
            f"models.pretrained: there is no {folder / kept.FITTED}; it must be a folder that "
            f"`python -m buysignal export` wrote in another run, or {NONE}"
        )
    found = load(folder)
    if not isinstance(found, Pretrained):
        raise UserError(f"models.pretrained: {folder} is no model that `python -m buysignal export` wrote")
    if differ := [f"{key} {found.label[key]} there, {own} here" for key, own in label if found.label[key] != own]:
        raise UserError(f"models.pretrained: {folder} was taught another label ({', '.join(differ)})")
    if fault := found.fault(len(found.names), model.context):
        raise UserError(f"models.pretrained: {folder}: {fault}: it must be at least {found.context}")
    return found


def added_to(one: Fitted) -> tuple[str, str] | None:
    """The file of the logit of what a transformer is added to, and that one's name; None for what none is added to."""
    tier = one.card.tier
    if one.card.family == "logistic":
        return offset_of(tier), f"{tier}-added"
    return (offset_of(tier, PRETRAINED), f"{tier}-{PRETRAINED}-added") if isinstance(one, Pretrained) else None


def _kind(word: str) -> type[Fitted]:
    """The class of a `Fitted.KIND`; only its own libraries are imported, as some take seconds."""
    match word:
        case "base-rate":
            from buysignal.models.rivals.formulas import BaseRate as Kind
        case "touch":
            from buysignal.models.rivals.formulas import Touch as Kind
        case "volatility":
            from buysignal.models.rivals.volatility import Volatility as Kind
        case "garch":
            from buysignal.models.rivals.garch import GarchTouch as Kind
        case "boosting":
            from buysignal.models.rivals.boosting import Boosting as Kind
        case "blend":
            from buysignal.models.rivals.blend import Blend as Kind
        case "transformer":
            from buysignal.models.patchtst.contender import Transformer as Kind
        case "own":
            from buysignal.models.extra import Own as Kind
        case "pretrained":
            return Pretrained
        case _:
            raise ValueError(f"{word!r} is no kind of contender")
    return Kind
