"""Tests of the embedded portal: each item of the acceptance list of a faithful stand-in server."""
