"""Tests of dataelec_assets.privacy."""
