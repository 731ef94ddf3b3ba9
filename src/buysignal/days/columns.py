"""Columns that a tier's table has after its features: what a model may learn, and what each day is for."""

TARGETS = ("label", "fall")  # what a model may be trained to predict: the rise, or its mirror
PURGED = "purged"  # role of a day that would leak from one role into a later one
LABEL_COLUMNS = (*TARGETS, "label_start", "label_end", "role")
