"""What a model must beat: a constant, a formula, a GARCH and two quick classifiers, on the models' own rows.

The label is mostly volatility: a market that moves much touches a level often, whatever its
direction. A score that only follows volatility is therefore the bar, not a coin.
"""

from threadpoolctl import threadpool_limits

from buysignal.bars.symbols import is_many
from buysignal.core.errors import UserError
from buysignal.models.days import Days
from buysignal.models.rivals.boosting import Boosting
from buysignal.models.rivals.formulas import BaseRate, Touch
from buysignal.models.rivals.garch import GarchTouch
from buysignal.models.rivals.rival import Rival
from buysignal.models.rivals.volatility import Volatility

KINDS = (BaseRate, Boosting, GarchTouch, Touch, Volatility)
OF_MANY = tuple(kind for kind in KINDS if kind is not GarchTouch)
"""Of many symbols: a GARCH is the variance of one, and says nothing of a symbol that it was not fitted on."""


def fit(days: Days, seed: int) -> list[Rival]:
    """Fit every baseline on the train role; of the other days none but the stop role's is looked at.

    Equal inputs give equal bits, whatever the number of threads.

    Parameters
    ----------
    seed : of the boosting and of the simulation

    Returns
    -------
    ``<tier>-base-rate``, ``-boosting``, ``-garch``, ``-touch``, ``-volatility``, in this order; of many symbols
    those of `OF_MANY`.

    Raises
    ------
    UserError
        If no train row has a whole window, or the train rows show one class only.
    """
    label = days.label[days.role == "train"]
    if not len(label) or label.min() == label.max():
        raise UserError(
            f"{days.tier}: {len(label)} train rows with a whole window do not show both labels; use more bars, "
            "or change the section label"
        )
    known = days.known()
    with threadpool_limits(1):  # sums of floats depend on how threads share them
        return [kind.fit(known, seed) for kind in (OF_MANY if is_many(days.index) else KINDS)]
