"""What must be beaten: formulas and baselines that see what the transformer sees."""
