"""Apache Superset on a publication: the bundle of datasets, charts and dashboards, and the server that shows them."""
