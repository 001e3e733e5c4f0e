"""The report, its pages and how a browser shows them; the API."""
