"""Territorial indicators of sustainable development: what the files of the seven grains share.

One archive holds a file for each grain. That of the régions was seen (2026): a line for each territory, indicator,
variable and sub-field, a column for each year, ``i`` (indicator) or ``c`` (component of one) as nature, neither label
nor unit: those stand in INSEE's dictionary, which ``dbt/seeds/odd_dictionnaire.csv`` holds. A variable that several
indicators use has a line under each. The statistical service of the ministry (SDES) serves the same with labels and
units, and copies with natures in words exist, so whatever can be written in several ways is: headers have aliases,
years stand in columns or in rows, and codes, values and units are loaded as texts, as they are published;
``int_indicateur_odd_lignes`` cleans them and says what it changed.
"""

from __future__ import annotations

from datetime import date, timedelta

from dataelec_assets.catalog import Column, Dataset, Edition, Partitioning, YearsInColumns, of_code, of_file

_ARCHIVE = "fr/statistiques/fichier/4505239/ODD_CSV.zip"

# In the id: in the archive, and for people.
_GRAINS = {
    "communes": ("ODD_COM.csv", "communes"),
    "epci": ("ODD_EPCI.csv", "EPCI"),
    "crte": ("ODD_CRTE.csv", "contrats de relance et de transition écologique"),
    "departements": ("ODD_DEP.csv", "départements"),
    "regions": ("ODD_REG.csv", "régions"),
    "metropole": ("ODD_MET.csv", "France métropolitaine"),
    "france": ("ODD_FRA.csv", "France"),
}

# Whose member of the archive programs read; those of the others are named like it.
_READ = ("departements", "regions")


def dataset(grain: str) -> Dataset:
    """Return the entry of one grain, a key of ``_GRAINS``."""
    member, words = _GRAINS[grain]
    return Dataset(
        portal="insee",
        id=f"indicateurs-odd-{grain}",
        title=f"Indicateurs territoriaux de développement durable ({words})",
        publisher="INSEE, SDES",
        cadence="yearly",
        # Variables are as old as their surveys: the census, the newest of them, is three and a half years late.
        expected_lag=timedelta(days=5 * 366),
        # Populations of départements go back to the census of 1954.
        history_start=date(1954, 1, 1),
        partitioning=Partitioning("edition"),
        editions=(Edition("2024", _ARCHIVE, member=member),),
        # Files of SDES have the name of a part and not its code.
        key=("codgeo", "no_indic", "variable", "sous_champ", "libelle_sous_champ", "annee"),
        # Goals of the United Nations that the indicator is filed under.
        left_in_raw=("ODD1", "Cible1", "ODD2", "Cible2"),
        fingerprint=(),
        known=(
            of_file("2026", "fichier des régions et dictionnaire", "columns", "history"),
            *([of_code("2026", "programmes qui lisent ce membre de l'archive", "address")] if grain in _READ else []),
        ),
        unverified=("cadence",) if grain in _READ else ("address", "cadence"),
        years_in_columns=YearsInColumns("A{annee}", year="annee", value="valeur"),
        dated_by="annee",
        page_path="fr/statistiques/4505239",
        warning=(
            "Les fichiers publiés ne disent ni le libellé, ni l'unité, ni la nature des variables : elles viennent du "
            "dictionnaire de l'INSEE. Ce qui n'y est pas porte son code et n'est jamais agrégé."
        ),
        columns=(
            Column(
                "codgeo",
                "text",
                labels=("CODGEO", "CODGEO_CODE", "code_geo", "Code géographique"),
                nullable=False,
                description="Code du territoire, tel que publié",
            ),
            Column(
                "libgeo",
                "text",
                labels=("LIBGEO", "CODGEO_LIBELLE", "Libellé géographique"),
                required=False,
                description="Nom du territoire",
            ),
            Column(
                "variable",
                "text",
                labels=("VARIABLE", "code_variable"),
                nullable=False,
                description="Code de la variable ; la casse compte",
            ),
            Column(
                "libelle_variable",
                "text",
                labels=("lib_variable", "Libellé de la variable"),
                required=False,
                description="Nom de la variable",
            ),
            Column(
                "sous_champ",
                "text",
                labels=("sous-champ", "code_sous_champ"),
                required=False,
                description="Partie de la variable ; nul pour l'ensemble",
            ),
            Column(
                "libelle_sous_champ",
                "text",
                labels=("lib_sous_champ", "Libellé du sous-champ"),
                required=False,
                description="Nom de la partie",
            ),
            Column(
                "type_var",
                "text",
                labels=("type_variable", "Type de variable"),
                required=False,
                description="i indicateur, c composante ; dans d'autres copies la nature : effectif, ratio, médiane…",
            ),
            Column("unite", "text", labels=("Unité",), required=False, description="Unité, telle que publiée"),
            Column(
                "no_indic",
                "text",
                labels=("no_ind", "num_indicateur", "Numéro d'indicateur"),
                required=False,
                description="Numéro de l'indicateur dans le tableau de bord ; une variable peut en servir plusieurs",
            ),
            # Figures of censuses stand beside recent ones; INSEE's series by commune begins with that of 1876.
            Column(
                "annee",
                "int",
                labels=("Année",),
                nullable=False,
                since=date(1876, 1, 1),
                description="Année de la valeur",
            ),
            Column("valeur", "text", labels=("Valeur", "value"), description="Valeur, telle que publiée"),
        ),
    )
