"""The study of the reference, at its own scale: run, gone on with, and held against its figures."""
