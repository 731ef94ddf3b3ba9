"""The committed state again, whatever was tried."""
