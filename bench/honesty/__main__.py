"""How often the pipeline claims skill where there is none, and finds the skill that was planted.

python -m bench.honesty [--null 100] [--planted 50] [--regimes 20] [--workers 2] [--out bench/results/honesty.json]

A run that was killed goes on where it stopped.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from bench.honesty.study import study


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--null", type=int, default=100, help="markets without direction")
    parser.add_argument("--planted", type=int, default=50, help="markets with the planted signal")
    parser.add_argument("--regimes", type=int, default=20, help="markets of calm, turbulent and still years")
    parser.add_argument("--workers", type=int, default=2, help="processes")
    parser.add_argument("--out", type=Path, default=Path("bench/results/honesty.json"))
    options = parser.parse_args()
    counts = {"planted": options.planted, "null": options.null, "regimes": options.regimes}
    found = study(counts, options.out, options.workers)
    for kind, result in found["summary"].items():
        claims = ", ".join(f"{name} {claim['claimed']}" for name, claim in result["claims"].items())
        print(f"{kind}, {result['runs']} runs: {claims}")


if __name__ == "__main__":
    main()
