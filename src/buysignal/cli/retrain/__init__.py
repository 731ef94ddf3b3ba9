"""A new model on newer bars, by rule: trained on a branch of its own, held against the old one, merged if asked to."""
