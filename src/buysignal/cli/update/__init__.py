"""The next day: new bars are checked against the known past, scored, and put down before anybody knows."""
