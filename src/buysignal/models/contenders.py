"""Every kind of contender that can be read from its folder."""

from pathlib import Path

from buysignal.models import kept
from buysignal.models.contender import Fitted
from buysignal.models.extra import Own
from buysignal.models.rivals.baselines import KINDS as RIVALS
from buysignal.models.rivals.blend import Blend

KINDS: dict[str, type[Fitted]] = {kind.KIND: kind for kind in (*RIVALS, Blend, Own)}


def load(folder: str | Path) -> Fitted:
    """The contender in a folder, as `buysignal.models.kept.save` wrote it; errors as there."""
    return kept.load(folder, KINDS)


def load_all(folder: str | Path) -> list[Fitted]:
    """Every contender with a folder of its own in one, by name."""
    return [load(path.parent) for path in sorted(Path(folder).glob(f"*/{kept.FITTED}"))]
