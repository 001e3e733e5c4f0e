"""One module per data set, each with a ``DATASET``; modules that start with ``_`` hold what entries share."""
