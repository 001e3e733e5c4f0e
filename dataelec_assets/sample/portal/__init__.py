"""The embedded portal: an Opendatasoft Explore v2.1 server on loopback over a folder of files.

>>> with serve(Path("../shared/data")) as portal:                                        # doctest: +SKIP
...     httpx.get(f"{portal.url}/odre/api/explore/v2.1/catalog/datasets/eco2mix-national-tr/records")
"""

from __future__ import annotations

from dataelec_assets.sample.portal.app import PortalApp
from dataelec_assets.sample.portal.explore import Settings
from dataelec_assets.sample.portal.server import RunningPortal, run_forever, serve

__all__ = ["PortalApp", "RunningPortal", "Settings", "run_forever", "serve"]
