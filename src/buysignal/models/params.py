"""What is trained, and how: the candidate, the shape of a model and its training, from params.yaml."""

from buysignal.core.params import Specs, Tier
from buysignal.core.settings import NotNegative, Positive, Probability, Section, Switch, Text, choice, real, whole
from buysignal.models.patchtst.architecture import Configuration, Shape

Width, Layers, Heads, Ratio = whole(1, 2**16), whole(1, 2**10), whole(1, 2**10), whole(1, 2**6)
Decay = real("from 0 to 100", ge=0, le=100)


class Hyperparameters(Section, key=None):
    """The seven values a search varies, at the top of the file: the configuration tried by hand."""

    d_model: Width
    n_layers: Layers
    n_heads: Heads
    d_ff_ratio: Ratio
    dropout: Probability
    learning_rate: Positive
    weight_decay: Decay

    @property
    def configuration(self) -> Configuration:
        """The seven values alone."""
        return Configuration(*(getattr(self, name) for name in Hyperparameters.model_fields))

    def fault(self) -> str:
        """Heads must divide the width."""
        return self.configuration.fault()


class Candidate(Section, key="candidate"):
    """Where the configuration tried by hand is trained."""

    tier: Tier


class Model(Section, key="model"):
    """The fixed part of PatchTST."""

    context: whole(1)
    patch: whole(1)
    stride: whole(1)
    revin: Switch

    @property
    def shape(self) -> Shape:
        """The same as the networks take it."""
        return Shape(**dict(self))

    def fault(self) -> str:
        """Patches must fit the window and leave no day out between them."""
        if self.stride <= self.patch <= self.context:
            return ""
        given = f"stride {self.stride}, patch {self.patch}, context {self.context}"
        return f"it has {given}; it must be stride <= patch <= context"


class Training(Section, key="training"):
    """How a configuration is trained in full."""

    epochs: whole(1)
    patience: whole(1)
    min_delta: NotNegative
    seeds: whole(1, 1000)
    precision: choice("auto", "bfloat16", "float32")
    rows: whole(0)


class Models(Section, key="models"):
    """Models beside the baselines: a user's own, and one that was fitted on other bars."""

    extra: Specs
    pretrained: Text
