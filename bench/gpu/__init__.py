"""What this project gives on a GPU: whether recorded steps are right, how fast they are, how long a search takes."""
