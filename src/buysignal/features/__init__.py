"""Indicators of a day from its past alone, in four nested tiers."""
