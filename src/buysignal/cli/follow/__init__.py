"""What was promised against what came: the journal, judged day after day."""
