"""A lake on a bucket of a real S3 server."""
