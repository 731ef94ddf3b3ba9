"""params.yaml as frozen dataclasses: read once by a stage, passed on as values."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, get_type_hints

from buysignal.cli.gate.params import GatesParams
from buysignal.core.errors import UserError
from buysignal.core.rules import Rule, choice, read_several, real, several, shown, slug, switch, text, ticker, whole
from buysignal.core.textfile import read_yaml
from buysignal.models.patchtst.architecture import Configuration, Shape

PATH = "params.yaml"

TIERS = ("a20", "a50", "a100", "a200")
SHARE = ("in [0, 1]", lambda v: 0 <= v <= 1)
MOVE = ("above 0 and at most 1000", lambda v: 0 < v <= 1000)
PROBABILITY = ("in [0, 1)", lambda v: 0 <= v < 1)
NOT_NEGATIVE = (">= 0", lambda v: v >= 0)
MOST_BLOCKS = 100_000  # of all combinations of a grid: a second to count their parameters
ROLE_SHARE = ("from 0.001 to 0.995", lambda v: 0.001 <= v <= 0.995)


@dataclass(frozen=True)
class CandidateParams:
    tier: str = choice(*TIERS)


@dataclass(frozen=True)
class IngestParams:
    source: str = choice("sp500", "nasdaq", "csv", "yahoo")
    csv: str = text()
    symbol: str = ticker()
    start: str = text()
    end: str = text()
    on_bad_rows: str = choice("error", "drop")
    max_gap_days: int = whole(1)


@dataclass(frozen=True)
class LabelParams:
    horizon: int = whole(1, 250)
    threshold: float = real(*MOVE)
    barrier: str = choice("fixed", "volatility")
    multiple: float = real(*MOVE)


@dataclass(frozen=True)
class RoleParams:
    train: float = real(*ROLE_SHARE)
    stop: float = real(*ROLE_SHARE)
    rank: float = real(*ROLE_SHARE)
    calibrate: float = real(*ROLE_SHARE)
    threshold: float = real(*ROLE_SHARE)
    test: float = real(*ROLE_SHARE)

    @property
    def shares(self) -> dict[str, float]:
        return {f.name: getattr(self, f.name) for f in fields(self)}


@dataclass(frozen=True)
class ModelParams:
    context: int = whole(1)
    patch: int = whole(1)
    stride: int = whole(1)
    revin: bool = switch()


@dataclass(frozen=True)
class TrainingParams:
    epochs: int = whole(1)
    patience: int = whole(1)
    min_delta: float = real(*NOT_NEGATIVE)
    seeds: int = whole(1, 1000)
    precision: str = choice("auto", "bfloat16", "float32")


@dataclass(frozen=True)
class Grid:
    cap: int = whole(1, 10**12)
    d_model: tuple[int, ...] = several(whole(1, 2**16))
    n_layers: tuple[int, ...] = several(whole(1, 2**10))
    n_heads: tuple[int, ...] = several(whole(1, 2**10))
    d_ff_ratio: tuple[int, ...] = several(whole(1, 2**6))


@dataclass(frozen=True)
class HpoParams:
    trials: int = whole(1, 10**6)
    epochs: int = whole(1)
    patience: int = whole(1)
    seeds: int = whole(1, 1000)
    batch: int = whole(1, 10**4)
    startup: int = whole(0)
    objective: str = choice("auc", "average_precision", "precision_at_recall")
    recall_floor: float = real("above 0 and at most 1", lambda v: 0 < v <= 1)
    threshold: float = real(*SHARE)
    pruner: str = choice("none", "median")
    timeout_s: float = real(*NOT_NEGATIVE)
    max_failed: float = real("above 0 and at most 1", lambda v: 0 < v <= 1)
    learning_rate: tuple[float, ...] = several(real("above 0 and at most 1", lambda v: 0 < v <= 1))
    dropout: tuple[float, ...] = several(real(*PROBABILITY))
    weight_decay: tuple[float, ...] = several(real("from 0 to 100", lambda v: 0 <= v <= 100))


@dataclass(frozen=True)
class AnalyzeParams:
    top_share: float = real("above 0 and below 1", lambda v: 0 < v < 1)
    confidence: float = real("above 0.5 and below 1", lambda v: 0.5 < v < 1)


@dataclass(frozen=True)
class SupplementParams:
    trials: int = whole(0, 1000)
    second: int = whole(0, 1000)
    pinned: str = text()


@dataclass(frozen=True)
class TransferParams:
    margin: float = real(*SHARE)


@dataclass(frozen=True)
class EvaluateParams:
    top: int = whole(1, 1000)


@dataclass(frozen=True)
class SweepParams:
    points: int = whole(2, 10**5)


@dataclass(frozen=True)
class SelectParams:
    count: int = whole(1, 1000)
    min_buys: int = whole(1)
    min_recall: float = real(*SHARE)
    confidence: float = real("above 0.5 and below 1", lambda v: 0.5 < v < 1)


@dataclass(frozen=True)
class CertifyParams:
    precision: float = real("above 0 and below 1", lambda v: 0 < v < 1)
    delta: float = real("above 0 and below 0.5", lambda v: 0 < v < 0.5)


@dataclass(frozen=True)
class Params:
    """All of params.yaml. The seven top-level hyperparameters arrive as one `Configuration`."""

    configuration: Configuration
    shape: Shape
    grids: Mapping[str, Grid]
    candidate: CandidateParams
    ingest: IngestParams
    label: LabelParams
    roles: RoleParams
    model: ModelParams
    training: TrainingParams
    hpo: HpoParams
    analyze: AnalyzeParams
    supplement: SupplementParams
    transfer: TransferParams
    evaluate: EvaluateParams
    sweep: SweepParams
    select: SelectParams
    certify: CertifyParams
    gates: GatesParams
    seed: int = whole(0)
    tiers: tuple[str, ...] = several(choice(*TIERS))
    budgets: tuple[str, ...] = several(slug())

    @classmethod
    def load(cls, path: str | Path = PATH) -> Params:
        """Read and check a params file.

        Raises
        ------
        UserError
            If the file cannot be read, or a key is unknown, missing, mistyped or out of range; the
            message names the key, what would be right and, for an unknown key, near matches.
        """
        return cls.of(read_yaml(path))

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> Params:
        """The same from values in memory."""
        _know(content)
        hyper = {f.name: hyper_rule(f.name).read(content[f.name], f.name) for f in fields(Configuration)}
        sections = {name: _section(section, content[name], name) for name, section in _sections().items()}
        own = {f.name: f.metadata for f in fields(cls) if "rule" in f.metadata}
        values = {name: _value(metadata, content[name], name) for name, metadata in own.items()}
        grids = {name: _section(Grid, grid, f"grids.{name}") for name, grid in content["grids"].items()}
        shape = Shape(**vars(sections["model"]))
        params = cls(configuration=Configuration(**hyper), shape=shape, grids=grids, **sections, **values)
        _agree(params)
        return params


def _agree(params: Params) -> None:
    """Rules between keys."""
    params.configuration.check("params.yaml")
    if not params.model.stride <= params.model.patch <= params.model.context:
        given = f"stride {params.model.stride}, patch {params.model.patch}, context {params.model.context}"
        raise UserError(f"params.yaml: model has {given}; it must be stride <= patch <= context")
    total = sum(params.roles.shares.values())
    if abs(total - 1) > 1e-6:
        raise UserError(f"params.yaml: the six roles sum to {total:.6g}; they must sum to 1")
    if params.candidate.tier not in params.tiers:
        raise UserError(
            f"params.yaml: candidate.tier is {params.candidate.tier}; it must be one of tiers, "
            f"which are {', '.join(params.tiers)}"
        )
    for budget in params.budgets:
        if budget not in params.grids:
            raise UserError(f"params.yaml: budget {budget!r} has no grid; {_near(budget, params.grids)}")
        grid = params.grids[budget]
        blocks = len(grid.d_model) * len(grid.n_heads) * len(grid.d_ff_ratio) * sum(grid.n_layers)
        if blocks > MOST_BLOCKS:
            raise UserError(
                f"params.yaml: grids.{budget} has {blocks:,} layers in all its combinations; at most {MOST_BLOCKS:,} "
                f"can be counted: give fewer values"
            )


def _know(content: Any) -> None:
    """Refuse unknown and missing keys before any value is read."""
    if not isinstance(content, Mapping):
        raise UserError(f"params.yaml: it holds {shown(content)}; it must be a mapping of keys")
    if not isinstance(content.get("grids", {}), Mapping) or not content.get("grids", {"": 0}):
        raise UserError("params.yaml: grids must map budget names to grids")
    known = {f.name: None for f in fields(Configuration)} | {"seed": None, "tiers": None, "budgets": None}
    known |= {name: section for name, section in _sections().items()}
    _compare(content, [*known, "grids"], "")
    for name, section in _sections().items():
        _compare(content[name], [f.name for f in fields(section)], f"{name}.")
    for budget, grid in content["grids"].items():
        name: Rule = slug().metadata["rule"]
        name.read(budget, "a name in grids")
        _compare(grid, [f.name for f in fields(Grid)], f"grids.{budget}.")


def _compare(content: Any, known: list[str], prefix: str) -> None:
    if not isinstance(content, Mapping):
        raise UserError(f"params.yaml: {prefix.rstrip('.')} is {shown(content)}; it must be a section of keys")
    for key in content:
        if key not in known:
            near = _near(str(key), _all_keys(known, prefix))
            raise UserError(f"params.yaml: unknown key {prefix}{shown(key)[1:-1]}; {near}")
    missing = [key for key in known if key not in content]
    if missing:
        raise UserError(f"params.yaml: key {prefix}{missing[0]} is missing; add it (see the file in git)")


def _all_keys(known: list[str], prefix: str) -> list[str]:
    """Keys to look for near matches in: those of the section first, then every other one."""
    everywhere = [f.name for f in fields(Configuration)]
    everywhere += [f"{name}.{f.name}" for name, section in _sections().items() for f in fields(section)]
    return [f"{prefix}{key}" for key in known] + [key for key in everywhere if not key.startswith(prefix or "\0")]


def _near(word: str, options: Any) -> str:
    by_last = {option.rsplit(".", 1)[-1]: option for option in reversed(list(options))}
    near = [by_last[match] for match in get_close_matches(word, by_last, n=3, cutoff=0.6)]
    return f"did you mean {' or '.join(near)}?" if near else f"known are {', '.join(list(options)[:12])}"


@functools.cache
def _sections() -> dict[str, type]:
    """Section name -> dataclass, in the order of `Params`."""
    hints = get_type_hints(Params)
    return {name: kind for name, kind in hints.items() if is_dataclass(kind) and name not in ("configuration", "shape")}


def _section(section: type, content: Mapping[str, Any], prefix: str) -> Any:
    return section(**{f.name: _value(f.metadata, content[f.name], f"{prefix}.{f.name}") for f in fields(section)})


def _value(metadata: Mapping[str, Any], value: Any, key: str) -> Any:
    rule: Rule = metadata["rule"]
    return read_several(rule, value, key) if metadata.get("many") else rule.read(value, key)


def hyper_rule(name: str) -> Rule:
    """Rule of one value of a hyperparameter: that of the grids and of the search."""
    section = HpoParams if name in ("learning_rate", "dropout", "weight_decay") else Grid
    return next(f.metadata["rule"] for f in fields(section) if f.name == name)
