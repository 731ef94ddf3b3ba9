"""Configurations trained in full over seeds and handed on as scored models."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

from buysignal.core.progress import measured
from buysignal.core.seeds import member_seeds
from buysignal.core.workers.engine import Engine
from buysignal.models.metrics import buys
from buysignal.models.params import Training
from buysignal.models.patchtst.architecture import Configuration, Shape, batch_size, configuration_of
from buysignal.models.patchtst.job import Fit, FitJob, Protocol
from buysignal.models.patchtst.store import fit_all
from buysignal.models.scores import ModelCard, Scored

SHOWN_FROM = 0.35  # score of a buy in the progress line only; the reference's trials use it


@dataclass(frozen=True)
class Entry:
    """A configuration that is to be trained in full.

    Attributes
    ----------
    name : ``candidate``, ``<tier>-<budget>-T<trial>`` or, of a supplementary trial, ``<tier>-<budget>-<label>``
    budget, cap : empty and 0 where no budget bounds it
    origin : who proposed it; ``hand`` for the candidate
    offset : the file of the logit that it is trained as an addition to; empty if it stands alone
    """

    name: str
    tier: str
    budget: str
    origin: str
    configuration: Configuration
    cap: int
    offset: str = ""

    @classmethod
    def of(cls, trial: Mapping[str, Any]) -> Self:
        """A row of a trial table as `buysignal.search.study.tables` makes them."""
        names = (trial[key] for key in ("name", "tier", "budget", "origin"))
        return cls(*names, configuration_of(trial), int(trial["cap"]))

    @classmethod
    def again(cls, card: Mapping[str, Any]) -> Self:
        """What a model that was trained in full came from, by its card as JSON has it."""
        c = ModelCard.from_dict(card)
        return cls(c.name, c.tier, c.budget, c.origin, c.configuration, c.cap)

    def added(self, offset: str, name: str) -> Self:
        """The same configuration as an addition to the logit in a file of `buysignal.models.patchtst.offset`."""
        return replace(self, name=name, origin="built", offset=offset)


def tier_file(tier: str) -> str:
    """Where a tier's table lies, relative to the project."""
    return f"data/features/{tier}.parquet"


def full_job(entry: Entry, shape: Shape, training: Training, root_seed: int, target: str = "label") -> FitJob:
    """The training job of an entry; the same whoever asks, so a stored fit serves every stage."""
    width = entry.configuration.d_model
    epochs, patience, min_delta = training.epochs, training.patience, training.min_delta
    protocol = Protocol(epochs, patience, min_delta, batch_size(width), training.precision, training.rows)
    seeds = member_seeds(root_seed, "full", training.seeds)
    return FitJob(tier_file(entry.tier), entry.configuration, shape, protocol, seeds, target, entry.offset)


def refit(
    title: str,
    entries: Sequence[Entry],
    shape: Shape,
    training: Training,
    root_seed: int,
    scratch: Path,
    engine: Engine,
    target: str = "label",
) -> list[tuple[Scored, Fit]]:
    """Train every entry over ``training.seeds`` seeds and score it on every role but train and test.

    Finished fits are kept under ``scratch``: a second call, or another stage, takes them from there.
    ``target`` is what they are trained to predict, one of `buysignal.days.columns.TARGETS`.
    Entries of one job, as when two budgets find the same configuration, share one fit.
    """
    wanted = [full_job(entry, shape, training, root_seed, target) for entry in entries]
    jobs = list(dict.fromkeys(wanted))
    names = [entries[wanted.index(job)].name for job in jobs]
    told = fit_all(jobs, scratch / "fits", engine, title, lambda position, fit: f"{names[position]}: {_bought(fit)}")
    fits = dict(zip(jobs, told))
    return [(_scored(entry, job, fits[job]), fits[job]) for entry, job in zip(entries, wanted)]


def _bought(fit: Fit) -> str:
    """What the seed average buys on the rank role from `SHOWN_FROM` on."""
    label, scores = fit.of("rank")
    bought = buys(label, scores.mean(axis=0), SHOWN_FROM)
    return measured(bought.hits, bought.n_buys, bought.recall)


def _scored(entry: Entry, job: FitJob, fit: Fit) -> Scored:
    judged = fit.role != "train"
    card = ModelCard(
        name=entry.name,
        tier=entry.tier,
        family="transformer",
        budget=entry.budget,
        origin=entry.origin,
        configuration=entry.configuration,
        parameters=fit.trained.theta.shape[1],
        cap=entry.cap,
        seeds=job.seeds,
        epochs=tuple(int(e) for e in fit.trained.epochs),
    )
    return Scored.of_rows(card, fit.index[judged], fit.role[judged], fit.label[judged], fit.scores[:, judged])
