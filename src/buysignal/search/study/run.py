"""A whole search: batches proposed, trained anywhere, told in order, kept on disk as they finish."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

from buysignal.core.errors import UserError
from buysignal.core.fingerprint import fingerprint
from buysignal.core.lock import WAIT_S, exclusive
from buysignal.core.workers.engine import Engine
from buysignal.core.workers.job import Failure
from buysignal.models.patchtst.architecture import Shape, batch_size
from buysignal.models.patchtst.arithmetic import arithmetic
from buysignal.search.study import stacks
from buysignal.search.study.objective import ObjectiveSettings
from buysignal.search.study.proposer import Proposal, SearchSettings, needs_results, propose
from buysignal.search.study.record import COMPLETE, FAILED, Outcome, Trial, TrialRecord, failures, kind_of
from buysignal.search.study.space import DIMENSIONS, Space
from buysignal.search.study.store import Store

FEW = 4  # trials of which no share is looked at: one that fails among three tells little

CODE = ("buysignal.search.study.objective", "buysignal.search.study.proposer")
"""What a trial is and what is tried next, with all that they import: see `buysignal.core.fingerprint`."""
PACKAGES = ("numpy", "optuna", "scikit-learn", "torch")


def code_of(trial: ObjectiveSettings) -> tuple[str, ...]:
    """`CODE`, and where trials are measured in a way of their own, the module that does."""
    own = type(trial).__module__
    return CODE if own in CODE else (*CODE, own)


def study_fingerprint(
    space: Space, shape: Shape, search: SearchSettings, trial: ObjectiveSettings, data_sha256: str
) -> str:
    """What a study's trials are a function of, as a name: another one for another study.

    The number of trials does not count, so raising it goes on with the same study; neither do the
    budget's name, the path of the data and the number of workers.
    """
    grids: Mapping[str, object] = dict(zip(DIMENSIONS, space.grids)) | {"cap": space.cap}
    settings = {name: value for name, value in asdict(search).items() if name != "trials"}
    numbers = arithmetic(trial.precision)
    parts = dict(space=grids, shape=shape, search=settings, trial=trial, data=data_sha256, arithmetic=numbers)
    return fingerprint(code=code_of(trial), packages=PACKAGES, **parts)


def study_name(
    tier: str, space: Space, shape: Shape, search: SearchSettings, trial: ObjectiveSettings, data_sha256: str
) -> str:
    """Tier, budget and fingerprint of a study: what its files are called."""
    return f"{tier}-{space.name}-{study_fingerprint(space, shape, search, trial, data_sha256)}"


def study_path(folder: Path, name: str) -> Path:
    """The SQLite file of a study: what ``optuna-dashboard sqlite:///<path>`` shows."""
    return folder / f"{name}.db"


def finished_trials(folder: Path, name: str, space: Space, wait_s: float = WAIT_S) -> list[TrialRecord]:
    """Trials that an earlier run has finished, by index; none if there was no such run.

    Raises
    ------
    UserError
        If another process holds the study, or its file cannot be read.
    """
    path = study_path(folder, name)
    if not path.exists():
        return []
    # Even to read, Optuna may have to finish making a file whose maker was killed.
    with exclusive(path.with_suffix(".lock"), wait_s), closing(Store(path, space)) as store:
        return store.read()


@dataclass(frozen=True)
class Study:
    """How trials are trained, and where they are kept.

    Attributes
    ----------
    evaluate : from a `Trial` to its `Outcome`; picklable, and pure. A `UserError` it raises ends the
        study; any other exception, or the death of its worker, makes a failed trial
    engine : where trials are trained
    folder : scratch folder of unfinished studies
    name : of the files in it; holds `study_fingerprint`, so that another study gets other files
    on_trial : called with all finished trials, by index, after each one
    wait_s : how long to wait for another process that is at the same study
    prune : whether ``evaluate`` compares a trial with the learning curves of earlier batches. Where it
        does not, batches that need no result (all before TPE) are trained together, longest trial
        first: nobody waits for the last of each
    max_failed : share of the trials, at least `FEW`, planned so far that may fail. Once more of them have
        failed the study stops, whatever the others would become: so the order in which trials finish
        decides when it stops, never whether
    revalue : what becomes of an outcome before it is kept, as `buysignal.search.study.per_day.revalued`; pure
    """

    evaluate: Callable[[Trial], Outcome]
    engine: Engine
    folder: Path
    name: str
    on_trial: Callable[[Sequence[TrialRecord]], None] = lambda finished: None
    wait_s: float = WAIT_S
    prune: bool = True
    max_failed: float = 1.0
    revalue: Callable[[Outcome], Outcome] = lambda outcome: outcome


def run_study(space: Space, settings: SearchSettings, study: Study) -> list[TrialRecord]:
    """Search a space to ``settings.trials`` trials and return them, by index.

    The trials depend on the space, the settings and ``study.evaluate`` alone: not on the engine, on the
    order in which trials finish, nor on how often the study was killed and begun again. A trial is
    on disk before the next one is waited for, and one that is there is not trained again.

    Returns
    -------
    list of TrialRecord
        Fewer than asked for where the space is smaller. Failed trials are among them, if need be
        nothing else: what that means is for the caller to say.

    Raises
    ------
    UserError
        If another process holds the study, its file cannot be read or holds trials of another, or
        too many trials failed.
    """

    def next_batch(told: Sequence[TrialRecord]) -> list[Proposal]:
        planned: list[TrialRecord | Proposal] = list(told)
        while len(planned) < settings.trials:
            ahead = len(planned) > len(told)
            if ahead and (study.prune or needs_results(space, len(planned), settings)):
                break
            batch = propose(space, planned, len(planned), settings)
            if not batch:
                break
            planned += batch
        return planned[len(told) :]

    return run_batches(next_batch, lambda _: space, space, study)


def run_batches(
    next_batch: Callable[[Sequence[TrialRecord]], Sequence[Proposal]],
    space_of: Callable[[Proposal], Space],
    axes: Space,
    study: Study,
) -> list[TrialRecord]:
    """The loop of `run_study`, which says what is returned and raised, for whatever plans the batches.

    Parameters
    ----------
    next_batch : from all trials of the earlier batches, by index, to the next one, or to several that are to
        be trained together; pure. The indices go on from them; an empty batch ends the study
    space_of : the budget a planned trial belongs to: its cap, and how its parameters are counted
    axes : that a dashboard shows; a trial may lie outside of them
    """
    path = study_path(study.folder, study.name)
    with exclusive(path.with_suffix(".lock"), study.wait_s), closing(Store(path, axes)) as store:
        finished = {r.index: r for r in store.read()}
        told: list[TrialRecord] = []
        while wanted := next_batch(told):
            _require_same(path, wanted, finished)
            planned = len(told) + len(wanted)
            _require_sound(path, list(finished.values()), planned, study.max_failed)
            missing = [p for p in wanted if p.index not in finished]
            missing.sort(key=lambda p: -p.configuration.work)  # the longest last would run alone
            curves = _curves(told) if study.prune else ()
            jobs = [Trial(p.configuration, curves) for p in missing]
            for position, result in stacks.run(study.engine, study.evaluate, jobs):
                plan = missing[position]
                record = _record(plan, space_of(plan), study.revalue(_outcome(result)))
                store.append(record)
                finished[record.index] = record
                study.on_trial([finished[index] for index in sorted(finished)])
                _require_sound(path, list(finished.values()), planned, study.max_failed)
            told += [finished[p.index] for p in wanted]
        return told


def _curves(told: Sequence[TrialRecord]) -> tuple[tuple[float, ...], ...]:
    """Learning curves a trial may be compared with: those of earlier batches, never its own batch's."""
    return tuple(r.outcome.intermediate for r in told if r.state == COMPLETE)


def _outcome(result: Outcome | Failure) -> Outcome:
    """A failure of the job as an outcome of the trial; a user's mistake ends the study instead."""
    if isinstance(result, Outcome):
        return result
    if result.type == UserError.__name__:
        raise UserError(result.message)
    return Outcome(FAILED, error=str(result))


def _record(plan: Proposal, space: Space, outcome: Outcome) -> TrialRecord:
    batch, parameters = batch_size(plan.configuration.d_model), space.count(plan.configuration)
    return TrialRecord(**vars(plan), batch_size=batch, parameters=parameters, cap=space.cap, outcome=outcome)


def _require_same(path: Path, plan: Sequence[Proposal], finished: Mapping[int, TrialRecord]) -> None:
    """Refuse trials that this search would not have proposed: mixed studies are worse than none."""
    for p in plan:
        if p.index in finished and finished[p.index].configuration != p.configuration:
            raise UserError(f"{path} holds trial {p.index} of another search: delete it and run `dvc repro`")


def _require_sound(path: Path, finished: Sequence[TrialRecord], planned: int, most: float) -> None:
    """Stop a study of which more than the share ``most`` of its planned trials have failed."""
    done = [record for record in finished if record.index < planned]
    failed = [record for record in done if record.state == FAILED]
    if planned < FEW or len(failed) <= most * planned:
        return
    kind, count = next(iter(failures(record.error for record in failed).items()))
    first = min((record for record in failed if kind_of(record.error) == kind), key=lambda record: record.index)
    raise UserError(
        f"{path.stem} is stopped: {len(failed)} of {len(done)} finished trials failed, of {planned} planned "
        f"hpo.max_failed allows {most:.0%}; {count} with {kind}, as trial {first.index} ({first.error[:200]}): "
        f"mend the cause, delete {path} and run `dvc repro`"
    )
