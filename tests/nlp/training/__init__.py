"""Training data; nothing here trains."""
