"""What the tests of territorial indicators share."""

from __future__ import annotations

# What the paths of their models and tests contain.
WORDS = ("indicateur",)
