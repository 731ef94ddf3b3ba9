"""Daily bars of the source, validated, with a manifest."""

from datetime import date

from buysignal.core.stage import run
from buysignal.bars import manifest
from buysignal.bars.ingested import as_metrics, ingested
from buysignal.bars.params import Ingest
from buysignal.core.files import write_json
from buysignal.core.settings import read


def main() -> None:
    ingest = read(Ingest)
    reading, judged = ingested(ingest, date.today())
    print(reading.said(ingest.csv if ingest.source == "csv" else ingest.source))
    bars, report, symbol = judged.bars, judged.report, reading.symbol
    manifest.write(bars, report, ingest.source, "data/bars/bars.parquet", "data/bars/bars.json", symbol=symbol)
    write_json("metrics/ingest.json", {"source": ingest.source, "symbol": symbol, **as_metrics(reading, judged)})
    dropped = sum(report.dropped.values())
    print(f"{report.rows:,} bars of {ingest.source}, {report.first} to {report.last}; {dropped} dropped")
    for finding in judged.findings:
        print(f"{finding.level}: {finding.said}")


if __name__ == "__main__":
    run(main)
