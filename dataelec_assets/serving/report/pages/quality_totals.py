"""The yearly totals and the CO₂ rate beside those of RTE."""

from __future__ import annotations

from dataelec_assets.serving.report import theme
from dataelec_assets.serving.report.charts import bars
from dataelec_assets.serving.report.components import Chart, Table
from dataelec_assets.serving.report.figures import Basis, Fixed, Prose, Quoted
from dataelec_assets.serving.report.french import number
from dataelec_assets.serving.report.periods import Period
from dataelec_assets.serving.report.reading import Row, Served

_QUANTITIES = {
    "consommation_brute": "Consommation brute",
    "consommation_corrigee": "Consommation corrigée",
    "solde_exportateur": "Solde exportateur",
    "production_totale": "Production totale",
    "production_nucleaire": "Nucléaire",
    "production_hydraulique": "Hydraulique",
    "production_eolienne": "Éolien",
    "production_solaire": "Solaire",
    "production_gaz": "Gaz",
    "production_fossile": "Fossile",
    "production_bioenergies": "Bioénergies",
}


def published(served: Served) -> Chart:
    """Return how far our totals of the newest year are from those that RTE has published."""
    rows = served.rows(
        """
        select annee, grandeur, calcul, publie_twh, calcule_twh, ecart_pct, tolerance_pct, est_hors_tolerance,
            est_verifie, source
        from mart_ecarts_publies where calcule_twh is not null order by annee desc, abs(ecart_pct) desc,
            grandeur, calcul
        """
    )
    newest = [row for row in rows if row["annee"] == rows[0]["annee"]]
    once = list({row["grandeur"]: row for row in reversed(newest)}.values())[::-1]
    at = Basis(Period.year(rows[0]["annee"]), "mart_ecarts_publies")
    beyond = sum(bool(row["est_hors_tolerance"]) for row in newest)
    drawn = [
        {
            "nom": _quantity(row),
            "valeur": row["ecart_pct"],
            "texte": f"{number(row['ecart_pct'], 1, '%')} (toléré : {number(row['tolerance_pct'], 0, '%')})",
            "couleur": theme.WARM[0] if row["est_hors_tolerance"] else theme.ACCENT[0],
        }
        for row in once
    ]
    summary: Prose = (
        *(
            at.figure(beyond),
            " calculs sur " if beyond > 1 else " calcul sur ",
            at.figure(len(newest)),
            " s’écartent" if beyond > 1 else " s’écarte",
        ),
        " du total publié de plus que ce qui est toléré, en rouge. ",
        "Un bilan publié est parfois provisoire, ou d’un autre périmètre.",
    )
    return Chart(
        "totaux-publies",
        "Écart de nos totaux annuels à ceux du bilan de RTE",
        summary,
        bars(drawn, "Écart au total publié (%)") if len(drawn) > 1 else None,
        Table(
            "Totaux publiés et calculés",
            ("Grandeur", "Calcul", "Publié", "Calculé", "Écart", "Toléré", "Source"),
            [
                (
                    f"{_quantity(row)}, {row['annee']}",
                    Quoted(str(row["calcul"]).replace("_", " ")),
                    _of(row).figure(row["publie_twh"], 1, "TWh"),
                    _of(row).figure(row["calcule_twh"], 1, "TWh"),
                    _of(row).figure(row["ecart_pct"], 1, "%"),
                    Fixed(number(row["tolerance_pct"], 0, "%")),
                    Quoted(row["source"] or ""),
                )
                for row in rows
            ],
        ),
        missing="Une seule grandeur : le tableau suffit.",
        drawn=at.period,
    )


def _quantity(row: Row) -> str:
    return _QUANTITIES.get(row["grandeur"], str(row["grandeur"]).replace("_", " ").capitalize())


def _of(row: Row) -> Basis:
    return Basis(Period.year(row["annee"]), "mart_ecarts_publies")


def co2(served: Served) -> Chart:
    """Return how far the rate that published factors give is from the published rate, by year and status."""
    rows = served.rows(
        """
        select annee, statut, regime, taux_co2_g_par_kwh as publie, taux_co2_recalcule_g_par_kwh as recalcule,
            ecart_moyen_g_par_kwh as ecart, ecart_absolu_max_g_par_kwh as maximum, est_verifie, source
        from mart_co2_controle where taux_co2_recalcule_g_par_kwh is not null order by annee desc, statut
        """
    )
    drawn = [
        {
            "nom": f"{row['annee']}, {row['statut']}",
            "valeur": row["ecart"],
            "texte": f"{number(row['ecart'], 2, 'g/kWh')} d’écart moyen",
            "couleur": theme.ACCENT[0] if row["est_verifie"] else theme.MUTED[0],
        }
        for row in rows
    ]
    at = [Basis(Period.year(row["annee"]), "mart_co2_controle") for row in rows]
    worst = max(range(len(rows)), key=lambda each: abs(rows[each]["ecart"]))
    return Chart(
        "co2-controle",
        "Taux de CO₂ recalculé moins taux publié par RTE",
        (
            "Plus grand écart moyen : ",
            at[worst].figure(rows[worst]["ecart"], 1, "g/kWh"),
            ". Le taux publié est servi.",
        ),
        bars(drawn, "Écart moyen (g de CO₂ par kWh)", form=",.2f") if len(rows) > 1 else None,
        Table(
            "Taux publié et taux recalculé, par année et statut",
            ("Année et statut", "Publié", "Recalculé", "Écart moyen", "Plus grand écart", "Facteurs d’émission"),
            [
                (
                    f"{row['annee']}, {row['statut']}",
                    *(each.figure(row[name], 1, "g/kWh") for name in ("publie", "recalcule", "ecart", "maximum")),
                    Quoted(row["source"] or ""),
                )
                for row, each in zip(rows, at, strict=True)
            ],
        ),
        missing="Une seule année : le tableau suffit.",
        note="En gris, des facteurs d’émission qui n’ont pas été vérifiés pour cette année et ce statut.",
    )
