"""Territorial indicators of sustainable development: what the files of the seven grains share.

One archive holds a file for each grain. That of the régions was seen (2026): a line for each territory, indicator,
variable and sub-field, a column for each year, ``i`` (indicator) or ``c`` (component of one) as nature, neither label
nor unit: those stand in INSEE's dictionary, which ``dbt/seeds/odd_dictionnaire.csv`` holds. A variable that several
indicators use has a line under each. The statistical service of the ministry (SDES) serves the same with labels and
units through DiDo, which is asked first; INSEE's archive stands in where DiDo has no such file, or is away and nothing
of it is loaded. Copies with natures in words exist too, so whatever can be written in several ways is: headers have
aliases, years stand in columns or in rows, and codes, values and units are loaded as texts, as they are published;
``int_indicateur_odd_lignes`` cleans them and says what it changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from dataelec_assets.catalog import Column, Dataset, DidoFiles, Edition, Partitioning, YearsInColumns, of_code, of_file

_ARCHIVE = "fr/statistiques/fichier/4505239/ODD_CSV.zip"

# At DiDo: "Indicateurs territoriaux de développement durable (ITDD)".
_AT_DIDO = "632956d8eae137714f60ae22"


@dataclass(frozen=True, slots=True)
class _Grain:
    """One file of the archive, and those of DiDo.

    Attributes:
        member: in the archive.
        words: for people.
        titles, files: of DiDo's files, see :class:`~dataelec_assets.catalog.DidoFiles`.
        seen: public programs that read the files, and of when they are; None: titles at DiDo are a guess, and the
            member is named like the others.
    """

    member: str
    words: str
    titles: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    seen: tuple[str, str] | None = None


# In the id.
_GRAINS = {
    # Several files there, one of them known by its id. Not "communes" alone, of which communautés are made.
    "communes": _Grain(
        "ODD_COM.csv",
        "communes",
        ("toutes les communes", "communes DROM"),
        ("318d1042-79c8-4d39-b337-9d261050cf7d",),
        seen=("2026", "programmes qui lisent les fichiers des communes à DiDo"),
    ),
    "epci": _Grain("ODD_EPCI.csv", "EPCI", ("EPCI",)),
    "crte": _Grain("ODD_CRTE.csv", "contrats de relance et de transition écologique", ("CRTE",)),
    "departements": _Grain(
        "ODD_DEP.csv",
        "départements",
        files=("aa011e5d-e888-469d-8e72-a8af4f73d123",),
        seen=("2026-09-26", "programmes qui lisent les départements à DiDo (71 003 lignes) et dans l'archive"),
    ),
    "regions": _Grain(
        "ODD_REG.csv",
        "régions",
        ("toutes régions", "toutes les régions"),
        seen=("2026", "programmes qui lisent les régions à DiDo (14 526 lignes) et dans l'archive"),
    ),
    "metropole": _Grain("ODD_MET.csv", "France métropolitaine", ("France métropolitaine",)),
    "france": _Grain(
        "ODD_FRA.csv",
        "France",
        files=("305ea0e3-269b-47ee-bab5-7553fec6f010",),
        seen=("2026-09-26", "programme qui lit le fichier de la France entière à DiDo"),
    ),
}


def dataset(grain: str) -> Dataset:
    """Return the entry of one grain, a key of ``_GRAINS``."""
    found = _GRAINS[grain]
    return Dataset(
        portal="insee",
        id=f"indicateurs-odd-{grain}",
        title=f"Indicateurs territoriaux de développement durable ({found.words})",
        publisher="INSEE, SDES",
        cadence="yearly",
        # Variables are as old as their surveys: the census, the newest of them, is three and a half years late.
        expected_lag=timedelta(days=5 * 366),
        # Populations of départements go back to the census of 1954.
        history_start=date(1954, 1, 1),
        partitioning=Partitioning("edition"),
        editions=(Edition("2024", _ARCHIVE, member=found.member),),
        dido=DidoFiles(_AT_DIDO, found.titles, found.files),
        # Files of SDES have the name of a part and not its code.
        key=("codgeo", "no_indic", "variable", "sous_champ", "libelle_sous_champ", "annee"),
        # Goals of the United Nations that the indicator is filed under.
        left_in_raw=("ODD1", "Cible1", "ODD2", "Cible2"),
        fingerprint=(),
        known=(
            of_file("2026", "fichier des régions et dictionnaire", "columns", "history"),
            *([of_code(*found.seen, "address")] if found.seen else []),
        ),
        unverified=("cadence",) if found.seen else ("address", "cadence"),
        years_in_columns=YearsInColumns("A{annee}", year="annee", value="valeur"),
        dated_by="annee",
        page_path="fr/statistiques/4505239",
        warning=(
            "Libellés et unités sont ceux de DiDo (SDES) ; les fichiers de l'INSEE, qui le remplacent au besoin, n'en "
            "ont pas. La nature des variables vient du dictionnaire de l'INSEE ; ce qui n'y est pas n'est jamais sommé."
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
