"""One tier's table: features, label and role of every day."""

from buysignal.core.stage import run
from buysignal.bars.manifest import read_bars
from buysignal.core.files import write_json, write_parquet
from buysignal.core.settings import read_all
from buysignal.days.params import Label, Roles
from buysignal.days.table import assemble, describe


def main(tier: str) -> None:
    label, roles = read_all(Label, Roles)
    table = assemble(read_bars("data/bars/bars.parquet"), tier, label, roles)
    write_parquet(f"data/features/{tier}.parquet", table)
    description = describe(table, tier)
    write_json(f"metrics/featurize/{tier}.json", description)
    print(f"{tier}: {description['features']} features, {len(table):,} days after {description['warmup_days']} warm-up")


if __name__ == "__main__":
    run(main)
