"""Turn text into findings."""
