"""One tier's table: features, label and role of every day."""

from buysignal.core.stage import run
from buysignal.bars.manifest import read_bars
from buysignal.core.files import write_json, write_parquet
from buysignal.core.settings import read_all
from buysignal.days.params import Label, Roles
from buysignal.days.table import assemble, describe
from buysignal.features.extra import CUTS
from buysignal.features.params import Features


def main(tier: str) -> None:
    features, label, roles = read_all(Features, Label, Roles)
    bars = read_bars("data/bars/bars.parquet")
    table = assemble(bars, tier, label, roles, features.extra, CUTS)
    write_parquet(f"data/features/{tier}.parquet", table)
    description = describe(table, tier, bars)
    write_json(f"metrics/featurize/{tier}.json", description)
    print(f"{tier}: {description['features']} features, {len(table):,} days after {description['warmup_days']} warm-up")


if __name__ == "__main__":
    run(main)
