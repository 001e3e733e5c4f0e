"""Types of territories: k-means on indicators, refused where there are no groups (docs/methods/typologie.md).

``fit`` (:mod:`.model`) finds the types and gives back all that is needed to tell the type of a territory; ``assign``
(:mod:`.assignment`) does so from that alone.
"""
