"""Daily bars of the source, validated, with a manifest."""

from datetime import date

from buysignal.core.stage import run
from buysignal.bars import manifest
from buysignal.bars.forms.params import Forms
from buysignal.bars.ingested import as_metrics, ingested, ingested_many, many_as_metrics, name_of, report_of
from buysignal.bars.params import Ingest
from buysignal.core.files import write_json
from buysignal.core.settings import read_all
from buysignal.days.params import Roles

BARS = ("data/bars/bars.parquet", "data/bars/bars.json")


def main() -> None:
    ingest, forms, roles = read_all(Ingest, Forms, Roles)
    if ingest.many:
        panel = ingested_many(ingest, date.today(), until=roles.last_day, forms=forms.extra)
        print(panel.said(name_of(ingest)))
        report = report_of(panel)
        found = many_as_metrics(panel, report, ingest.max_gap_days)
        manifest.write(panel.bars, report, ingest.source, *BARS, symbols=panel.symbols)
        write_json("metrics/ingest.json", {"source": ingest.source, "symbol": None, **found})
        of, told = f"{len(panel.symbols):,} symbols", [f"{one['level']}: {one['text']}" for one in found["findings"]]
        told = [*(f"left out: {symbol}: {why}" for symbol, why in panel.left_out.items()), *told]
    else:
        reading, judged = ingested(ingest, date.today(), until=roles.last_day, forms=forms.extra)
        print(reading.said(name_of(ingest)))
        report, symbol = judged.report, reading.symbol
        manifest.write(judged.bars, report, ingest.source, *BARS, symbol=symbol)
        write_json("metrics/ingest.json", {"source": ingest.source, "symbol": symbol, **as_metrics(reading, judged)})
        of, told = ingest.source, [f"{one.level}: {one.said}" for one in judged.findings]
    dropped = sum(report.dropped.values())
    print(f"{report.rows:,} bars of {of}, {report.first} to {report.last}; {dropped} dropped", *told, sep="\n")


if __name__ == "__main__":
    run(main)
