"""A typology of sixty towns in two régions, from indicators that are given."""

from __future__ import annotations

# Words in the paths of what is tested with them, in test_typologie_faults.py.
WORDS = ("typologie",)

MODELS = ("typologie_criteres", "path:models/*/*/*typologie*")

# The tables that the models read, with the columns that they read. Thirty towns of flats in one région, thirty of
# houses in another, one of them without census, and a village; their numbers differ a little. EPCI have means of six.
GIVEN = """
CREATE TABLE dim_commune AS
SELECT
    printf('%05d', i) AS code_commune,
    'Ville ' || i AS nom_commune,
    if(i < 30, '01', '02') AS code_departement,
    if(i < 30, '11', '24') AS code_region,
    '2000' || i // 6 AS code_epci,
    true AS est_active
FROM range(61) AS t (i);

CREATE TABLE dim_epci AS SELECT DISTINCT code_epci, 'EPCI ' || code_epci AS nom_epci FROM dim_commune;

CREATE TABLE dim_indicateur AS
SELECT *
FROM (VALUES ('population', 'hab'), ('part_appartements', '%'), ('part_surface', '%')) AS t (code_indicateur, unite);

CREATE TABLE fct_indicateur AS
WITH towns AS (SELECT code_commune, CAST(code_commune AS INTEGER) AS i FROM dim_commune)
SELECT
    'population' AS code_indicateur,
    'commune' AS maille,
    code_commune AS code_territoire,
    2021 AS annee,
    CAST(NULL AS VARCHAR) AS sous_champ,
    CASE WHEN i < 30 THEN 15e3 + 7000 * (i % 7) WHEN i < 60 THEN 2500 + 2000 * (i % 4) ELSE 900 END AS valeur
FROM towns
UNION ALL
SELECT
    'part_appartements', 'commune', code_commune, 2020, NULL,
    CASE WHEN i < 30 THEN 60 + (i * 7) % 33 WHEN i < 59 THEN 5 + (i * 5) % 33 END
FROM towns
UNION ALL
SELECT 'part_surface', 'commune', code_commune, 2020, '120 m2 et plus', (i * 11) % 17 + if(i < 30, 5, 25)
FROM towns;

INSERT INTO fct_indicateur
SELECT code_indicateur, 'epci', '2000' || CAST(code_territoire AS INTEGER) // 6, annee, sous_champ, avg(valeur)
FROM fct_indicateur
GROUP BY ALL;
"""
