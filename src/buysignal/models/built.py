"""What is built of a search: its best transformer as an addition to what is known of a day, and a blend."""

from collections.abc import Callable, Sequence

from buysignal.models.contender import Fitted
from buysignal.models.contenders import added_to
from buysignal.models.metrics import auc
from buysignal.models.patchtst.architecture import Shape
from buysignal.models.patchtst.contender import Transformer
from buysignal.models.patchtst.full import Entry
from buysignal.models.patchtst.job import Fit
from buysignal.models.rivals.blend import Blend, strongest
from buysignal.models.scores import Scored

FIRST, OTHERS = 1, 2  # transformers and others in a blend
Trained = Sequence[tuple[Scored, Fit]]


def build(
    tier: str,
    entries: Sequence[Entry],
    trained: Trained,
    baselines: Sequence[tuple[Fitted, Scored]],
    shape: Shape,
    refit: Callable[[Sequence[Entry]], Trained],
) -> list[tuple[Fitted, Scored]]:
    """``<tier>-added``, to the volatility logit and to that of a pretrained model, and ``<tier>-blend``.

    Of what each is made, the rank role says.

    Parameters
    ----------
    entries, trained : of the search's best on this tier, in one order; none leaves the addition out
    baselines : of the tier, the volatility logistic among them
    refit : trains entries, as `buysignal.models.patchtst.full.refit` does
    """
    transformers = [(Transformer.of(one.card, fit, shape), one) for one, fit in trained]
    if trained:
        best = max(range(len(trained)), key=lambda at: (auc(*trained[at][0].of("rank")[:2]), -at))
        under = [(one, *place) for one, _ in baselines if (place := added_to(one))]
        again = refit([entries[best].added(offset, name) for _, offset, name in under])
        transformers += [
            (Transformer.of(scored.card, fit, shape, one), scored) for (scored, fit), (one, *_) in zip(again, under)
        ]
    found = {one.card.name: (one, scored) for one, scored in (*baselines, *transformers)}
    members = [found[name] for name in strongest([scored for _, scored in found.values()], FIRST, OTHERS)]
    blend = Blend.of(*zip(*members), tier, f"{tier}-blend")
    days, parts = members[0][1], [found[one.card.name][1].ensemble for one in blend.members]
    mixed = Scored(blend.card, days.index, days.role, days.label, blend.mix(parts))
    return [*transformers[len(trained) :], (blend, mixed)]
