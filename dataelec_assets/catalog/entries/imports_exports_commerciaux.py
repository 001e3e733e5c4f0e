"""Commercial exchanges of electricity with the neighbours, hourly."""

from __future__ import annotations

from datetime import date, timedelta

from dataelec_assets.catalog import Column, Dataset, Partitioning, of_code, of_page


def _exchange(name: str, label: str, description: str, *, declared_text: bool = False) -> Column:
    return Column(
        name,
        "double",
        labels=(f"{label} (MWh)", f"{label} (MW)"),
        unit="MWh",
        declared="text" if declared_text else "double",
        null_markers=("ND", "-"),
        description=description,
    )


_BORDERS = {"gb": "GB", "cwe": "CWE", "ch": "CH", "it": "IT", "es": "ES"}

DATASET = Dataset(
    portal="odre",
    id="imports-exports-commerciaux",
    title="Imports et exports commerciaux",
    publisher="RTE",
    cadence="yearly",
    # Of the next year, should it ever come; the publisher has issued nothing after 2021.
    expected_lag=timedelta(days=400),
    history_start=date(2005, 1, 1),
    history_end=date(2021, 12, 31),
    partitioning=Partitioning("month", on="date"),
    key=("date", "position"),
    fingerprint=("export_france", "import_france"),
    warning=(
        "Arrêté en 2021 : rien n'est publié après le 31 décembre 2021, la suite est dans éCO2mix. "
        "Les imports sont négatifs ; CWE réunit l'Allemagne et la Belgique."
    ),
    known=(
        of_page("2026-11", "fiche du jeu : de 2005 à 2021, rien depuis", "address", "history", "cadence"),
        of_code("2024", "programmes qui lisent le jeu", "columns", "units"),
    ),
    columns=(
        Column("date", "date", labels=("Date",), nullable=False, description="Jour civil"),
        Column(
            "position",
            "int",
            labels=("Tranche horaire du programme d'échange", "Position"),
            nullable=False,
            description="Tranche horaire ; base 0 ou 1 non documentée par le portail",
        ),
        *(
            column
            for code, label in _BORDERS.items()
            for column in (
                _exchange(f"fr_{code}", f"FR vers {label}", f"Export de la France vers {label}"),
                _exchange(
                    f"{code}_fr",
                    f"{label} vers FR",
                    f"Import de {label} vers la France, négatif",
                    # gb_fr holds stray texts in the copies seen, hence its declared type.
                    declared_text=code == "gb",
                ),
            )
        ),
        _exchange("export_france", "Export France", "Somme des exports"),
        _exchange("import_france", "Import France", "Somme des imports, négative"),
    ),
    # Energy of one hour in MWh on the portal: the mean power in MW.
    staged=(
        "date",
        "position as tranche_horaire",
        "fr_gb as export_gb_mw",
        "gb_fr as import_gb_mw",
        "fr_cwe as export_cwe_mw",
        "cwe_fr as import_cwe_mw",
        "fr_ch as export_ch_mw",
        "ch_fr as import_ch_mw",
        "fr_it as export_it_mw",
        "it_fr as import_it_mw",
        "fr_es as export_es_mw",
        "es_fr as import_es_mw",
        "export_france as export_total_mw",
        "import_france as import_total_mw",
    ),
)
