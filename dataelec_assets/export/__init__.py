"""A publication in other people's databases."""
