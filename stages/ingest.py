"""Daily bars of the source, validated, with a manifest."""

from dataclasses import asdict

from buysignal.core.stage import run
from buysignal.bars import manifest
from buysignal.bars.params import Ingest
from buysignal.bars.sources import load_as
from buysignal.bars.validate import validate
from buysignal.core.files import write_json
from buysignal.core.settings import read


def main() -> None:
    ingest = read(Ingest)
    reading = load_as(ingest)
    print(reading.said(ingest.csv if ingest.source == "csv" else ingest.source))
    bars, report = validate(reading.bars, ingest.on_bad_rows, ingest.max_gap_days)
    symbol = reading.symbol
    manifest.write(bars, report, ingest.source, "data/bars/bars.parquet", "data/bars/bars.json", symbol=symbol)
    write_json("metrics/ingest.json", {"source": ingest.source, "symbol": symbol, **asdict(report)})
    dropped = sum(report.dropped.values())
    print(f"{report.rows:,} bars of {ingest.source}, {report.first} to {report.last}; {dropped} dropped")


if __name__ == "__main__":
    run(main)
