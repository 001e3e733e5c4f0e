"""The clients of the portals, against scripted replies, a loopback server that misbehaves, and stubs of the portals."""
