"""Features of a user's own, from params.yaml."""

from buysignal.core.params import Specs
from buysignal.core.settings import Section


class Features(Section, key="features"):
    """What joins the columns of every tier."""

    extra: Specs
