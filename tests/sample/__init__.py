"""Tests of the synthetic France: each structural promise on one generated set."""
