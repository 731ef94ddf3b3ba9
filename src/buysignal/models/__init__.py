"""Every contender, fitted, scored and kept; what a score is worth is judged elsewhere."""
