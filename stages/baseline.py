"""What every claim is compared with: a constant, a formula, a GARCH and two quick classifiers."""

from buysignal.core.stage import run
from buysignal.bars.manifest import read_bars
from buysignal.core.files import read_parquet
from buysignal.core.params import Params
from buysignal.days.labels import thresholds
from buysignal.models import scores
from buysignal.models.rivals.baselines import baselines


def main(tier: str) -> None:
    params = Params.load()
    bars = read_bars("data/bars/bars.parquet")
    models = baselines(
        bars,
        read_parquet(f"data/features/{tier}.parquet"),
        tier=tier,
        context=params.model.context,
        horizon=params.label.horizon,
        threshold=thresholds(bars, params.label),
        seed=params.seed,
    )
    scores.write(f"data/baseline/{tier}", models)
    print(f"{len(models)} baselines: {', '.join(model.card.name for model in models)}")


if __name__ == "__main__":
    run(main)
