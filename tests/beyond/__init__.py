"""Tests that ask real servers and engines, in the environment of `make beyond`."""
