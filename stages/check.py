"""Refuse bad params and bad bars before any earlier result is touched."""

from buysignal.core.stage import run
from buysignal.cli.params import Params
from buysignal.cli.preflight import preflight
from buysignal.core.files import write_text


def main() -> None:
    preflight(Params.load())
    write_text("data/checked.txt", "params.yaml and the bars it names can be used\n")


if __name__ == "__main__":
    run(main)
