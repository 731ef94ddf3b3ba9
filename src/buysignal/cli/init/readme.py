"""The README of a new project."""

TEXT = """\
# {name}

Is there a signal to buy in {these} daily bars, and does it earn more than it costs? Made by `buysignal init`, version
{version}. First, in a virtual environment:

    pip install -r requirements.txt
    git add --all && git commit -m start
    dvc repro

{itself}

The last one searches, judges and ships a model. Stopped, it goes on where it was; run again, it finds nothing to do.
Then `metrics/report.html` opens with the verdict: use, do not use, or cannot tell.

| to | do |
| --- | --- |
| use other bars | put them into `data/raw/`, set `ingest.source` and `ingest.csv` in `params.yaml`, `dvc repro` |
| know what bars are worth before | `buysignal check {bars}` |
| try a variant | `dvc exp run -S dropout=0.45 -n d45`, then `dvc exp show` and `dvc plots diff HEAD d45` |
| open the test years | `buysignal register`, commit, `dvc repro`: once, when you have decided |
| ask what ships | `buysignal predict --bars {bars}` |
| look for self-deception | `buysignal doctor` |
| let CI judge a change | commit `dvc.lock`, `metrics/` and `plots/`, open a pull request; the gate is in `.github/` |
| add a feature, a model or a form of bars | name a file of `plugins/` in `params.yaml`, as `plugins/example.py` |

`registered.yaml` is that of buysignal's own study of the S&P 500 until you register your own. Pages named `docs/...` in
comments are those of buysignal's documentation.

**A new version.** Set it in `requirements.txt`, `pip install -r requirements.txt`, `dvc repro`: what its code does
otherwise is run again. Where it has new keys or stages, `dvc repro` says so in one line: make a new project beside this
one, `buysignal init ../new`, and take over what `git diff --no-index . ../new` shows.
"""


ITSELF = "Where pip finds no buysignal by itself, add `--find-links FOLDER` to the first, the folder of its wheel."


def readme(name: str, version: str, bars: str) -> str:
    """The text, for a project on bars of one's own at this place in it, or, where that is empty, on the S&P 500."""
    these = "these" if bars else "the S&P 500's"
    return TEXT.format(name=name, version=version, these=these, bars=bars or "data/raw/example.csv", itself=ITSELF)
