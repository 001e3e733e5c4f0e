"""What serves more than one machine, on real servers; in the environment of `make beyond`."""
