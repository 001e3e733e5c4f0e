"""The first draft of a data set: what a sample of it shows, as an entry, a staging model and a fixture to be edited."""
