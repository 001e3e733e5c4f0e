"""How to talk to publishers: nothing here knows the lake, the warehouse or Dagster.

``client``             what a refresh asks of a portal, whatever its API
``opendatasoft``, ``datafair``, ``files``, ``open_meteo``, ``open_meteo_archive``, ``openweathermap``, ``infoclimat``
                       one client per API, opened by ``registry``; ``rte`` for the archives of éCO2mix
``folder``             a folder of published files in the place of the portals
``connection``         one portal over HTTP: retries, quotas, typed errors; ``options`` say how it is asked
``error_replies``      what an answer that is not data means, as an error that a user can act on
``streams``            a streamed body, checked and stored compressed on the way; ``archives`` for zip files
``partition_filters``  from a partition to a ``where`` clause and back
``fingerprints``       what each partition holds, from one grouped call
``downloads``          many downloads side by side, within the polite limit of the portal (``fair_limit``)
``progress``           what the user sees meanwhile
"""
