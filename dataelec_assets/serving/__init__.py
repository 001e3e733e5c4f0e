"""What people read: the report in French, made from the served file alone."""
