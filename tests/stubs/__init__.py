"""HTTP stand-ins of the publishers' portals, for tests alone: they import nothing of the package.

They answer the requests that our clients send, over rows and files held in memory; a test revises them, breaks their
replies and counts their calls. What is not asked by a client is not there.

>>> with Stub({"odre": "opendatasoft"}) as stub:                                          # doctest: +SKIP
...     stub.publish("odre", "jeu", {"date": "date", "valeur": "double"}, [{"date": "2019-03-01", "valeur": 1.5}])
...     stub.fail("truncate", dataset="jeu", kind="export")
"""

from __future__ import annotations

from tests.stubs.server import Call, Stub

__all__ = ["Call", "Stub"]
