"""Commands for a user; no stage enters but the check, and nothing here trains; `retrain` has DVC do it on a branch."""
