"""What needs the environment of `make beyond`."""
