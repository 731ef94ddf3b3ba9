"""Precision, recall and every doubt about them, choice and verdict; nothing is trained here."""
