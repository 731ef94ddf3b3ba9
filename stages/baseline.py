"""What every claim is compared with: a constant, a formula, a GARCH, quick classifiers, and a user's own models."""

from buysignal.core.stage import run, scratch
from buysignal.bars.manifest import read_bars
from buysignal.core.files import read_parquet, sha256, write_parquet
from buysignal.core.params import Scope
from buysignal.core.settings import read_all
from buysignal.days.params import Label
from buysignal.models import contenders, extra, kept, scores
from buysignal.models.contender import logit
from buysignal.models.days import Days
from buysignal.models.params import Model, Models
from buysignal.models.patchtst.offset import write_offset
from buysignal.models.rivals import baselines
from buysignal.search.boosting import tuned
from buysignal.search.params import Boosting, Hpo


def main(tier: str) -> None:
    boosting, hpo, label, model, models, scope = read_all(Boosting, Hpo, Label, Model, Models, Scope)
    bars = read_bars("data/bars/bars.parquet")
    path = f"data/features/{tier}.parquet"
    days = Days.of(bars, read_parquet(path), tier, label, model.context)
    fitted = [*baselines.fit(days, scope.seed), *extra.fit(days, models.extra, scope.seed)]
    if boosting.trials:
        source = {"data": sha256(path), "context": model.context}
        best, trials = tuned(days, hpo, boosting.trials, scope.seed, scratch() / "studies", source)
        fitted.append(best)
        write_parquet(f"data/baseline/{tier}/tuning.parquet", trials)
    if (found := contenders.pretrained(models, label, model)) and found.card.tier == tier:
        fitted.append(found.require_earlier(days))
    scores.write(f"data/baseline/{tier}", [one.scored(days.judged()) for one in fitted])
    for baseline in fitted:
        kept.save(f"data/baseline/{tier}/fitted/{baseline.card.name}", baseline)
    for one in fitted:
        if added := contenders.added_to(one):
            write_offset(added[0], days.index, logit(one.averaged(days)))
    print(f"{len(fitted)} baselines")


if __name__ == "__main__":
    run(main)
