"""What each command does, without printing: one module per command. Options and help are in ``cli``."""
