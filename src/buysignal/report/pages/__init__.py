"""A page or a section for each question, in sentences made from the numbers of the run."""
