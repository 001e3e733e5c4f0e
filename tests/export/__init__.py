"""Tests of publications in other people's databases."""
