"""What programs ask: the API, read-only on the served file. docs/api.md is its page; it speaks French."""
