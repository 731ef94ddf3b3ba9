"""When a model is to be trained anew, and what it has to show: the section ``retrain`` of params.yaml."""

from buysignal.core.settings import Section, Share, choice, whole

NEVER, MONTHS, BROKEN = "never", "months", "broken"


class Retrain(Section, key="retrain"):
    """Read by the command ``retrain`` alone: no result depends on it."""

    when: choice(NEVER, MONTHS, BROKEN)
    months: whole(1, 1_200)
    trial: whole(20, 100_000)
    margin: Share
