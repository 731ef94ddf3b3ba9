"""The one room that writes pages, from results that others made."""
