"""Bars in the forms that people have: each is recognised, read by its own rules, and said in one line."""
