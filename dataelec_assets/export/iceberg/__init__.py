"""A publication and the copies that it was built from, as tables of an Iceberg catalogue, without rewriting a file."""
