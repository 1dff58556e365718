"""Keep findings and let people read, review and export them."""
