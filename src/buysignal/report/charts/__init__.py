"""Pictures of results, each beside the table that it draws."""
