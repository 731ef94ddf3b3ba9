"""Every kind of contender that can be read from its folder."""

from pathlib import Path

from buysignal.core.errors import UserError
from buysignal.core.sealed import MEND
from buysignal.models import kept
from buysignal.models.contender import Fitted


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
            from buysignal.models.pretrained import Pretrained as Kind
        case _:
            raise ValueError(f"{word!r} is no kind of contender")
    return Kind
