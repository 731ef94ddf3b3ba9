"""What the trials of the search teach, each answer with its uncertainty."""
