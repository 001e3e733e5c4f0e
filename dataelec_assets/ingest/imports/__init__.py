"""Indicators of others: from a file in long form to accepted lines, refused ones with their reasons, and a vintage."""
