"""Apache Superset on a publication: the bundle of its datasets, charts and dashboards, and the server that shows them."""
