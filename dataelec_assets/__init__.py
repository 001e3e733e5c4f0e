"""DataElec: a lakehouse of French electricity and of the territories that use it."""

__version__ = "0.1.0"
