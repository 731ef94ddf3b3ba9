"""Which configurations to try next; trials carry counts and scores, and no verdict."""
