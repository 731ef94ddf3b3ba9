"""The transformer, from its shape to fits that are kept on disk."""
