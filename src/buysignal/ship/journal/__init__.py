"""What a shipped model said of each new day, written before anybody knew, and what came of it."""
