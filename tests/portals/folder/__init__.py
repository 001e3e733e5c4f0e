"""Tests of the folder that is read instead of the portals."""
