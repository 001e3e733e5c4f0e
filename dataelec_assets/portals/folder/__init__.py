"""A folder of published files in the place of the portals: same contracts, same vintages, no network."""
