"""The command that tries a feature, a model or a form of a user's own, and says which promise it keeps or breaks."""
