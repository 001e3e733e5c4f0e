"""Tests of the embedded portal and of the synthetic data."""
