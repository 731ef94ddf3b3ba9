"""One budget on one tier: its space, what is proposed, its trials and their table; no round after it."""
