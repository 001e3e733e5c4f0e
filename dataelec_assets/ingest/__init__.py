"""The way of the data, step by step, without Dagster: sources, copies; each step does only what is stale.

Every step compares levels (what is there with what should be there), never events: a step that was cut at any instant
is taken up where it stood by the next run.
"""
