"""Pages of the territories."""
