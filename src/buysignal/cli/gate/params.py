"""gates.yaml: what the gate asks of a run. Null switches a rule off; see docs/gate.md."""

from buysignal.core.settings import Confidence, Probability, Section, choice, or_null, real, whole
from buysignal.judge.params import CANNOT_TELL, USE

PATH = "gates.yaml"
Confident, Floor = or_null(Confidence), or_null(Probability)


class Gates(Section):
    """What each rule asks, as the comments of the file say; None: the rule is off."""

    verdict: or_null(choice(USE, CANNOT_TELL))
    precision_low: Floor
    recall: Floor
    lift: or_null(real("above -1 and below 1", gt=-1, lt=1))
    prediction_width: Floor
    new_looks: or_null(whole(0))
    precision_drop: Confident
    recall_drop: Confident
