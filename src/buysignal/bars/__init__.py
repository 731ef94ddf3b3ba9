"""Daily bars from a file or a source, checked and with their returns; no indicator and no label."""
