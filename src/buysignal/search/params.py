"""How configurations are searched, analysed and tried again: grids to ``evaluate`` in params.yaml."""

from buysignal.core.settings import (
    Confidence,
    NotNegative,
    Open,
    Positive,
    Probability,
    Section,
    Share,
    Slug,
    Text,
    by_name,
    choice,
    several,
    whole,
)
from buysignal.models.params import Decay, Heads, Layers, Ratio, Width

PER_DAY = "precision_per_day"  # an objective; of many symbols alone
MOST_BLOCKS = 100_000  # of all combinations of a grid: a second to count their parameters


class Grid(Section):
    """The search space of one budget; ``cap`` bounds the true number of parameters."""

    d_model: several(Width)
    n_layers: several(Layers)
    n_heads: several(Heads)
    d_ff_ratio: several(Ratio)
    cap: whole(1, 10**12)

    def fault(self) -> str:
        """Its combinations must be few enough to be counted."""
        blocks = len(self.d_model) * len(self.n_heads) * len(self.d_ff_ratio) * sum(self.n_layers)
        if blocks <= MOST_BLOCKS:
            return ""
        most = f"at most {MOST_BLOCKS:,} can be counted: give fewer values"
        return f"it has {blocks:,} layers in all its combinations; {most}"


class Grids(Section, key=None):
    """The grid of every budget, by its name."""

    grids: by_name(Slug, Grid, "map budget names to grids")


class Hpo(Section, key="hpo"):
    """The search of one tier and budget."""

    trials: whole(1, 10**6)
    epochs: whole(1)
    patience: whole(1)
    seeds: whole(1, 1000)
    batch: whole(1, 10**4)
    variants: whole(1, 10**4)
    startup: whole(0)
    objective: choice("auc", "average_precision", "precision_at_recall", PER_DAY)
    recall_floor: Positive
    per_day: whole(1)
    threshold: Share
    pruner: choice("none", "median")
    timeout_s: NotNegative
    learning_rate: several(Positive)
    dropout: several(Probability)
    weight_decay: several(Decay)
    max_failed: Positive

    def fault(self) -> str:
        """A batch must consist of whole groups of variants."""
        if self.batch % self.variants == 0:
            return ""
        below, above = (self.variants * (self.batch // self.variants + more) for more in (0, 1))
        right = f"{below} or {above}" if below else f"{above}"
        return (
            f"a batch of {self.batch} trials cannot be cut into groups of {self.variants} variants; set hpo.batch to "
            f"{right}, or hpo.variants to a divisor of {self.batch}"
        )


class Boosting(Section, key="boosting"):
    """The search of the boosted trees of one tier."""

    trials: whole(0, 10**4)


class Analyze(Section, key="analyze"):
    """What trials have in common."""

    top_share: Open
    confidence: Confidence


class Supplement(Section, key="supplement"):
    """More trials of each tier, in two rounds."""

    trials: whole(0, 1000)
    second: whole(0, 1000)
    pinned: Text


class Transfer(Section, key="transfer"):
    """Each budget's best configuration in every other budget."""

    margin: Share


class Evaluate(Section, key="evaluate"):
    """The best of each budget again, over seeds."""

    top: whole(1, 1000)
