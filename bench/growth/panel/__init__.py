"""How time and memory of a whole panel grow with its symbols, stage by stage."""
