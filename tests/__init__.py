"""Tests mirror the package; ``e2e/`` and ``faults/`` run the whole way."""
