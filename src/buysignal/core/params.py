"""What all rooms share of params.yaml: the seed, and the axes of the pipeline."""

from typing import Any

from buysignal.core.settings import Section, Slug, choice, several, whole

TIERS = ("a20", "a50", "a100", "a200")
Tier = choice(*TIERS)


class Scope(Section, key=None):
    """What is built: the keys at the top of the file that span the stages."""

    seed: whole(0)
    tiers: several(Tier)
    budgets: several(Slug)


def __getattr__(name: str) -> Any:
    """`buysignal.cli.params.Params` under its old name; goes as soon as no stage asks for it."""
    if name == "Params":
        from buysignal.cli.params import Params

        return Params
    raise AttributeError(name)
