"""The command that tries a feature or a model of a user's own, and says which promise it keeps and which it breaks."""
