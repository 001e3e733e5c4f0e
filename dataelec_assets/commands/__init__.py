"""What each command does, without printing: one module per command. Options and words are in ``cli``."""
