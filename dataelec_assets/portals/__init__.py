"""How to talk to a publisher: nothing here knows the lake, the warehouse or Dagster.

``opendatasoft``  client of the Explore API v2.1: metadata, counts, grouped records, exports
``connection``    one portal over HTTP: connections, retries, quotas, typed errors
``retries``       when and how long to wait before asking again
``replies``       what an answer that is not data means, as an error a user can act on
``streams``       a streamed body, checked and stored compressed on the way
``windows``       from a partition to a ``where`` clause and back; what changed, from one grouped call
``downloads``     many downloads side by side, within the polite limit of the portal
``progress``      what the user sees meanwhile
"""
