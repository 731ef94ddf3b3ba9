"""What many symbols bring: a learning curve over symbols and years, from a panel that is no part of the project."""
