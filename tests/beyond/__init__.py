"""Tests that ask real servers and engines beyond one machine."""
