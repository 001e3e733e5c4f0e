"""The clients of the portals, against scripted replies, a loopback server that misbehaves, and the embedded portal."""
