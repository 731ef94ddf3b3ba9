"""The gate: may this run be shipped, and is it no worse than the one before? An answer CI gives by itself."""
