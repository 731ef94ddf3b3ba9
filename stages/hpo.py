"""Search of one parameter budget on one tier."""

from functools import partial

from buysignal.core.stage import run, scratch
from buysignal.core.errors import UserError
from buysignal.core.files import sha256, write_parquet
from buysignal.core.params import Scope
from buysignal.core.progress import progress
from buysignal.core.settings import read_all
from buysignal.core.workers.engine import Engine
from buysignal.models.dataset import TierData
from buysignal.models.params import Model, Training
from buysignal.models.patchtst.full import tier_file
from buysignal.search.params import Grids, Hpo
from buysignal.search.study.objective import evaluate
from buysignal.search.study.per_day import revalued
from buysignal.search.study.record import best, table
from buysignal.search.study.run import Study, finished_trials, run_study, study_name
from buysignal.search.study.settings import objective_settings, search_settings
from buysignal.search.study.setup import space_for
from buysignal.search.study.tables import rank_scores, search_trials
from buysignal.search.study.told import so_far


def main(tier: str, budget: str) -> None:
    grids, hpo, model, training, scope = read_all(Grids, Hpo, Model, Training, Scope)
    shape = model.shape
    data = TierData.load(tier_file(tier))
    space = space_for(budget, grids.grids[budget], hpo, shape, len(data.names))
    search = search_settings(hpo, scope.seed)
    measured = objective_settings(hpo, training, scope.seed)
    name = study_name(tier, space, shape, search, measured, sha256(tier_file(tier)))
    folder = scratch() / "studies"
    days = data.rows("rank", shape.context)
    done = sum(record.index < search.trials for record in finished_trials(folder, name, space))
    with progress(f"hpo {tier} {budget}", min(search.trials, space.size), done) as advance:
        study = Study(
            partial(evaluate, tier_path=tier_file(tier), shape=shape, settings=measured),
            Engine.from_environment(),
            folder,
            name,
            on_trial=lambda finished: advance(so_far(finished)),
            prune=measured.prune,
            max_failed=hpo.max_failed,
            revalue=revalued(measured, data.label[days], data.index[days]),
        )
        records = run_study(space, search, study)
    if best(records) is None:
        raise UserError(f"hpo {tier} {budget}: all {len(records)} trials failed, the first with {records[0].error}")
    trials = table(records)
    write_parquet(f"data/hpo/{tier}/{budget}/trials.parquet", trials)
    names = search_trials({(tier, budget): trials})["name"]
    said = rank_scores(data.index[days], data.label[days], names, records)
    write_parquet(f"data/hpo/{tier}/{budget}/scores.parquet", said)


if __name__ == "__main__":
    run(main)
