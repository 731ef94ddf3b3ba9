"""What each day is for, its label, its role and the table of a tier; nothing is learned from it here."""
