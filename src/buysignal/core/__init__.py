"""Whole files, settings, seeds, fingerprints, progress and the life of a stage; nothing in here knows of markets."""
