from buysignal.cli.library import compute as compute
