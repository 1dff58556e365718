"""Fetch, run and schedule; the command line."""
