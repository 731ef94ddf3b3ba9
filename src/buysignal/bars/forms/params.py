"""Forms of bars of a user's own, from params.yaml."""

from buysignal.core.params import Specs
from buysignal.core.settings import Section


class Forms(Section, key="forms"):
    """What is tried on a file before the forms that are known."""

    extra: Specs
