"""The opening of the test role, its ledger and the folders of shipped models."""
