"""Tests of `scaffold`."""
