"""Show findings to people: pages for reading and deciding, and the same data as JSON."""
