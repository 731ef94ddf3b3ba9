"""What every claim is compared with: a constant, a formula, a GARCH and two quick classifiers."""

from buysignal.core.stage import run
from buysignal.bars.manifest import read_bars
from buysignal.core.files import read_parquet
from buysignal.core.params import Params
from buysignal.models import scores
from buysignal.models.rivals import baselines
from buysignal.models.rivals.fitted import Days


def main(tier: str) -> None:
    params = Params.load()
    bars = read_bars("data/bars/bars.parquet")
    table = read_parquet(f"data/features/{tier}.parquet")
    days = Days.of(bars, table, tier, params.label, params.model.context)
    fitted = baselines.fit(days, params.seed)
    scores.write(f"data/baseline/{tier}", [baseline.scored(days) for baseline in fitted])
    baselines.save(f"data/baseline/{tier}/fitted", fitted)
    print(f"{len(fitted)} baselines")


if __name__ == "__main__":
    run(main)
