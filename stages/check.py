"""Refuse bad params, bad bars and a bad registration before any earlier result is touched."""

from buysignal.core.stage import run
from buysignal.cli.params import Params
from buysignal.cli.preflight import preflight
from buysignal.core.files import write_text
from buysignal.ship import registered


def main() -> None:
    registered.read()
    registered.read_scores()
    preflight(Params.load())
    write_text("data/checked.txt", "params.yaml and the bars it names can be used\n")


if __name__ == "__main__":
    run(main)
