"""What the portals publish now, beside the catalogue."""
