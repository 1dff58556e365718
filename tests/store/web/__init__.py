"""The pages and the JSON beside them."""
