"""What serves more than one machine, against real servers on loopback."""
