"""``python -m buysignal check``: what some bars are worth as data. (The stage `check` is `buysignal.cli.preflight`.)"""
