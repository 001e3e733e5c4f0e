"""The embedded portal: a loopback server that speaks like Opendatasoft, and the generator of synthetic data."""
