"""Simulated markets whose truth is known, pushed through the functions of the real pipeline."""
