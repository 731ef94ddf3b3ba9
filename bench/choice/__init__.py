"""Which rule should say what ships: its regret over many markets and origins, on days that it did not see."""
