"""Columns that a tier's table has after its features: what a model may learn, and what each day is for."""

TARGETS = ("label", "fall")  # what a model may be trained to predict: the rise, or its mirror
LABEL_COLUMNS = (*TARGETS, "label_start", "label_end", "role")
