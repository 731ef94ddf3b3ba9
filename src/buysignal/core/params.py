"""What all rooms share of params.yaml: the seed, and the axes of the pipeline."""

from buysignal.core.settings import Section, Slug, choice, several, whole

TIERS = ("a20", "a50", "a100", "a200")
Tier = choice(*TIERS)


class Scope(Section, key=None):
    """What is built: the keys at the top of the file that span the stages."""

    seed: whole(0)
    tiers: several(Tier)
    budgets: several(Slug)
