"""Judging models: scores, metrics, thresholds, intervals, operating points, selection and baselines."""
