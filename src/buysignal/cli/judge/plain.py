"""A judgement as plain types, what it says of one market and of many symbols alike."""

from collections.abc import Sequence
from dataclasses import asdict, fields
from typing import Any

FIRST = ("verdict", "reason", "more_days", "cautions")
"""The keys that a judgement begins with."""


def plain(found: Any, keys: Sequence[str], **own: Any) -> dict[str, Any]:
    """The keys of a judgement in their order, for JSON; ``own`` are those that only its kind makes plain by itself."""
    told, luck = found.verdict, {key: getattr(found, key) for key in ("lucky_precision", "lucky_return")}
    values = {
        **{field.name: getattr(found, field.name) for field in fields(found)},
        "verdict": told.word,
        "reason": told.reason,
        "more_days": told.more_days,
        "cautions": [asdict(caution) for caution in found.cautions],
        "evidence": found.evidence.to_dict(),
        "rivals": [asdict(rival) for rival in found.rivals],
        **{key: None if bar is None else asdict(bar) for key, bar in luck.items()},
        "money": None if found.money is None else found.money.to_dict(),
        "years": [year.to_dict() for year in found.years],
        "notes": list(found.notes),
        **own,
    }
    return {key: values[key] for key in keys}
