"""What people and programs read, from the served file alone: the report in French and the API."""
