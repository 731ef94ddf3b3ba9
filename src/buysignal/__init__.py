"""A DVC pipeline that searches, judges and ships a *buy* classifier on daily bars."""

__version__ = "0.1.0"
