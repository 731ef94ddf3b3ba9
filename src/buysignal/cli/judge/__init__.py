"""The command that says whether the scores of any model, from anywhere, are worth to be traded on."""
