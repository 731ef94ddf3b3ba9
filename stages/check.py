"""Refuse bad params and bad bars before any earlier result is touched."""

from buysignal.io import write_text
from buysignal.params import Params
from buysignal.preflight import preflight
from buysignal.stage import run


def main() -> None:
    preflight(Params.load())
    write_text("data/checked.txt", "params.yaml and the bars it names can be used\n")


if __name__ == "__main__":
    run(main)
