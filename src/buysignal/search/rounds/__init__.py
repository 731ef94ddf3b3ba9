"""What is tried once the search has ended: supplementary trials and moves between budgets."""
