"""Refuse bad params and bad bars before any earlier result is touched."""

from buysignal.stage import run
from buysignal.io import write_text
from buysignal.params import Params
from buysignal.preflight import preflight


def main() -> None:
    preflight(Params.load())
    write_text("data/checked.txt", "params.yaml and the bars it names can be used\n")


if __name__ == "__main__":
    run(main)
