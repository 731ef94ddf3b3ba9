"""A JSON service for what ships: the answers of `predict` and `follow`, one at a time, to whom can reach the port."""
