"""Every kind of contender that can be read from its folder, and where the pipeline keeps those without a search."""

from collections.abc import Iterable
from pathlib import Path

from buysignal.models import kept
from buysignal.models.contender import Fitted
from buysignal.models.patchtst.contender import Transformer
from buysignal.models.rivals.baselines import KINDS as RIVALS
from buysignal.models.rivals.blend import Blend

KINDS: dict[str, type[Fitted]] = {kind.KIND: kind for kind in (*RIVALS, Blend, Transformer)}


def load(folder: str | Path) -> Fitted:
    """The contender in a folder, as `buysignal.models.kept.save` wrote it; errors as there."""
    return kept.load(folder, KINDS)


def load_all(folder: str | Path) -> list[Fitted]:
    """Every contender with a folder of its own in one, by name."""
    return [load(path.parent) for path in sorted(Path(folder).glob(f"*/{kept.FITTED}"))]


def offset_of(tier: str) -> str:
    """File of the volatility logits of a tier, those of the test role left out: `buysignal.models.patchtst.offset`."""
    return f"data/baseline/{tier}/offset.parquet"


def others(tiers: Iterable[str]) -> list[str]:
    """Folders of scores with a folder ``fitted`` in each: baselines and a user's own; what is built of a search."""
    return [folder for tier in tiers for folder in (f"data/baseline/{tier}", f"data/evaluate/{tier}/built")]
