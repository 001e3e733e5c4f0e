"""The API for programs, read-only on the served file, in French. Its guide is docs/api.md."""
