"""How time and memory grow with symbols, models and trials, and what a stage imports before it starts."""
