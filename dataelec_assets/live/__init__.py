"""What the portals publish now, beside what the catalogue says: ``dataelec doctor --live``."""
