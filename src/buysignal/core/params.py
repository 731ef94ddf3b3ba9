"""What all rooms share of params.yaml: the seed, the axes of the pipeline, and how code of a user's own is named."""

from typing import Annotated

from pydantic import AfterValidator

from buysignal.core.errors import shown
from buysignal.core.settings import Section, Slug, choice, matching, several, whole

TIERS = ("a20", "a50", "a100", "a200")
Tier = choice(*TIERS)

_NAMED = "[A-Za-z_][A-Za-z0-9_]{0,39}"
_SPEC = "a name in a file of the folder plugins, as plugins/mine.py:Thing, or in a package, as package.module:Thing"


def _in_folder(spec: str) -> str:
    if ".py:" in spec and not spec.startswith("plugins/"):
        raise ValueError(f"is {shown(spec)}; it must be {_SPEC}")
    return spec


Spec = Annotated[
    matching(rf"(plugins/{_NAMED}[.]py|{_NAMED}([.]{_NAMED}){{0,9}}):{_NAMED}", _SPEC), AfterValidator(_in_folder)
]
Specs = several(Spec, least=0)


class Scope(Section, key=None):
    """What is built: the keys at the top of the file that span the stages."""

    seed: whole(0)
    tiers: several(Tier)
    budgets: several(Slug)
