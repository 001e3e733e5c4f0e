"""Tests of dataelec_assets.analysis.typologie."""
