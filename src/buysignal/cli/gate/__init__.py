"""May this run be shipped, and is it no worse than the one before: an answer that CI gives by itself."""
