"""The report: what its pages hold, and how a browser shows them."""
