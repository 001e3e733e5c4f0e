"""What consumption breaks down into: the sectors that use it, and the factors that go with its variations."""

from __future__ import annotations

from dataelec_assets.serving.report.charts import bars
from dataelec_assets.serving.report.components import Chart, Section, Table
from dataelec_assets.serving.report.figures import Basis, Quoted
from dataelec_assets.serving.report.french import number
from dataelec_assets.serving.report.periods import Period
from dataelec_assets.serving.report.reading import Served, Unavailable

FACTORS = {
    "temperature_chauffage": "Froid (chauffage)",
    "temperature_climatisation": "Chaleur (climatisation)",
    "type_de_jour": "Type de jour",
    "feries": "Jours fériés",
    "vacances": "Vacances scolaires",
    "tendance": "Tendance",
    "residu": "Non expliqué",
}


def _factor(code: str) -> str:
    return FACTORS.get(code, code)


def factors_chart(served: Served, code: str, energy: str, *, is_half: bool = True) -> Chart:
    """Return the share of variance that goes with each factor."""
    rows = served.rows(
        """
        select facteur, contribution_mwh / 1e6 as twh, contribution_ic95_bas_mwh / 1e6 as bas,
            contribution_ic95_haut_mwh / 1e6 as haut, contribution_part_variance_pct as part, debut, fin, nombre_jours,
            motif
        from mart_decomposition_consommation
        where code_region = ? and energie = ? and contribution_part_variance_pct is not null
        order by part desc, ordre
        """,
        [code, energy],
    )
    name = "l’électricité" if energy == "electricite" else "le gaz"
    first = rows[0]
    at = Basis(Period.between(first["debut"], first["fin"], first["nombre_jours"]), "mart_decomposition_consommation")
    drawn = [{"nom": _factor(r["facteur"]), "valeur": r["part"], "texte": number(r["part"], 1, "%")} for r in rows]
    return Chart(
        f"facteurs-{energy}",
        f"Part de la variance associée à chaque facteur, pour {name}",
        (_factor(first["facteur"]), " : ", at.figure(first["part"], 0, "%"), " de la variance quotidienne."),
        bars(drawn, "Part de la variance (%)"),
        Table(
            "Parts de variance et contributions",
            ("Facteur", "Part de la variance", "Contribution", "Intervalle à 95 %", "Réserve"),
            [
                (
                    _factor(r["facteur"]),
                    at.figure(r["part"], 1, "%"),
                    at.figure(r["twh"], 2, "TWh"),
                    "" if r["facteur"] == "residu" else at.interval(r["bas"], r["haut"], 2),
                    Quoted(r["motif"] or ""),
                )
                for r in rows
            ],
        ),
        note="Contribution : énergie associée au facteur, par rapport à un jour ouvré ni froid ni chaud.",
        is_half=is_half,
    )


def sectors_chart(served: Served, code: str, *, is_half: bool = True) -> Chart:
    """Return the shares of the sectors in the newest year of a territory."""
    rows = served.rows(
        """
        with secteurs as (
            select annee, energie, nom_secteur as nom, energie_mwh / 1e6 as twh, part_pct as part, est_minimum
            from mart_consommation_par_client
            where code_territoire = ? and energie = 'electricite' and maille in ('nation', 'region') and part_pct is
                not null
        )

        from secteurs where annee = (select max(annee) from secteurs) order by part desc, nom
        """,
        [code],
    )
    first = rows[0]
    at = Basis(Period.year(first["annee"]), "mart_consommation_par_client")
    drawn = [{"nom": row["nom"], "valeur": row["part"], "texte": number(row["part"], 1, "%")} for row in rows]
    return Chart(
        "secteurs",
        "Électricité livrée, par secteur",
        (first["nom"], " : ", at.figure(first["part"], 0, "%"), "."),
        bars(drawn, "Part de l’énergie livrée (%)"),
        Table(
            "Secteurs",
            ("Secteur", "Part", "Énergie", "Réserve"),
            [
                (
                    r["nom"],
                    at.figure(r["part"], 1, "%"),
                    at.figure(r["twh"], 2, "TWh"),
                    "partiel : secret statistique" if r["est_minimum"] else "",
                )
                for r in rows
            ],
        ),
        is_half=is_half,
    )


def factors(served: Served, made: Section) -> None:
    """Fill a section with the factors of France, for electricity and for gas."""
    reasons = []
    for energy in ("electricite", "gaz"):
        try:
            made.charts.append(factors_chart(served, "FR", energy))
        except Unavailable as error:
            reasons.append(str(error))
    if not made.charts:
        raise Unavailable(reasons[0])
    made.text.append(
        "La régression répartit la variance entre des facteurs qui varient ensemble : elle décrit, elle n’établit "
        "aucune cause."
    )
