"""The command that says what bars are worth as data, ``check``; the stage of that name is preflight, one room above."""
