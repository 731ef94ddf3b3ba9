"""Commands for a user; no stage enters but the check, and nothing here trains or changes a result."""
