"""Types of territories: k-means on indicators, refused where the data form no groups (docs/methods/typologie.md).

``fit`` (:mod:`.model`) finds the types and returns all that is needed to assign one; ``assign`` (:mod:`.assignment`)
uses nothing else.
"""
