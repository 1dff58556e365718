"""One file a stage, in pipeline order."""
