"""What past forecasts were worth: errors beside those of RTE and of simple rules, by hour, and what is published."""

from __future__ import annotations

from dataelec_assets.serving.report import theme
from dataelec_assets.serving.report.charts import bars, curves
from dataelec_assets.serving.report.components import Chart, Section, Table
from dataelec_assets.serving.report.figures import Basis, Fixed, Part, Prose, Quoted
from dataelec_assets.serving.report.french import day, number
from dataelec_assets.serving.report.periods import Period
from dataelec_assets.serving.report.reading import Row, Served, Unavailable

MODELS = {
    "ridge": "Notre modèle",
    "rte_j1": "Prévision de RTE la veille",
    "naif_7j": "Même jour, semaine précédente",
    "persistance": "Comme la veille",
}
WEATHER = {"observee": "météo observée", "prevue": "météo prévue", "climatologie": "météo moyenne"}

_SCORES = "mart_prevision_scores"


def _model(name: str) -> str:
    return MODELS.get(name, name)


def _title(row: Row) -> str:
    name = _model(row["modele"])
    return f"{name}, {WEATHER[row['meteo']]}" if row["meteo"] in WEATHER and row["modele"] == "ridge" else name


def _basis(row: Row) -> Basis:
    return Basis(Period.between(row["debut"], row["fin"], row["jours"]), _SCORES)


def scores(served: Served, made: Section) -> None:
    """Fill a section with the errors of all forecasts of the next day, for days and for half-hours."""
    for step, title in (("jour", "énergie du jour"), ("demi_heure", "chaque demi-heure")):
        rows = served.rows(
            """
            select modele, meteo, debut, fin, nombre, nombre_jours as jours, mae_mw, mae_rte_mw,
                gain_contre_naif_pct as gain, mape_pct as mape, biais_mw, mase, nombre_intervalles as intervalles,
                couverture_90_pct as couverture, couverture_50_pct as couverture_50, dm_statistique as dm,
                dm_p_valeur as p
            from mart_prevision_scores
            where maille = 'nation' and pas = ? and decoupe = 'ensemble' and horizon_jours = 1 and mape_pct is not null
            order by mape_pct, modele, meteo
            """,
            [step],
        )
        made.charts.append(_scores_chart(step, title, rows))
    made.text.append(
        "Avec la météo observée, les scores mesurent ce que vaudrait le modèle si la météo était connue d’avance ; "
        "avec les autres, ce qu’il vaut en pratique. Chaque erreur est dessinée à côté de celle de RTE sur les mêmes "
        "jours et les mêmes demi-heures ; d’une prévision à l’autre, les jours peuvent différer."
    )


def _scores_chart(step: str, title: str, rows: list[Row]) -> Chart:
    beside = [row for row in rows if row["mae_rte_mw"] is not None]
    drawn = []
    for row in beside:
        name = _title(row)
        colour = theme.ACCENT[0] if row["modele"] == "ridge" else theme.MUTED[0]
        drawn += [
            {"nom": name, "valeur": row["mae_mw"], "texte": number(row["mae_mw"], 0, "MW"), "couleur": colour},
            {
                "nom": f"↳ RTE, aux mêmes dates ({name.removeprefix('Notre modèle, ').lower()})",
                "valeur": row["mae_rte_mw"],
                "texte": number(row["mae_rte_mw"], 0, "MW"),
                "couleur": theme.REFERENCE[0],
            },
        ]
    ours = next((row for row in beside if row["modele"] == "ridge" and row["meteo"] != "observee"), None)
    summary: list[Part] = ["Le tableau donne chaque erreur avec les jours où elle est mesurée."]
    if ours is not None:
        at = _basis(ours)
        summary = [
            f"{_title(ours)} : erreur moyenne de ",
            at.figure(ours["mae_mw"], 0, "MW"),
            " ; RTE, aux mêmes dates : ",
            at.figure(ours["mae_rte_mw"], 0, "MW"),
            ".",
        ]
    return Chart(
        f"scores-{step}",
        f"Erreur moyenne de la prévision du lendemain, {title}",
        summary,
        bars(drawn, "Erreur absolue moyenne (MW)", form=",.0f") if drawn else None,
        Table(
            f"Scores, {title}",
            (
                "Prévision",
                "Erreur",
                "Erreur absolue",
                "RTE, mêmes dates",
                "Biais",
                "MASE",
                "Mesuré dans l’intervalle annoncé à 90 %",
                "dans celui à 50 %",
                "Intervalles vérifiés",
                "Contre RTE",
                "Nombre",
            ),
            [
                (
                    _title(row),
                    _basis(row).figure(row["mape"], 2, "%"),
                    _basis(row).figure(row["mae_mw"], 0, "MW"),
                    _basis(row).figure(row["mae_rte_mw"], 0, "MW"),
                    _basis(row).figure(row["biais_mw"], 0, "MW"),
                    _basis(row).figure(row["mase"], 2),
                    _basis(row).figure(row["couverture"], 1, "%"),
                    _basis(row).figure(row["couverture_50"], 1, "%"),
                    _basis(row).figure(row["intervalles"]),
                    _against_rte(row),
                    _basis(row).figure(row["nombre"]),
                )
                for row in rows
            ],
        ),
        is_half=True,
        missing="RTE n’a publié aucune prévision sur ces dates : rien n’est comparé.",
        note="« Contre RTE » : test de Diebold et Mariano ; négatif, notre erreur est la plus petite.",
    )


def _against_rte(row: Row) -> Prose:
    if row["dm"] is None:
        return ""
    at = _basis(row)
    return (at.figure(row["dm"], 1), " (p = ", at.figure(row["p"], 3), ")")


_BY_HOUR = """
    select cast(left(p.heure_locale, 2) as integer) as heure, any_value(p.meteo) as meteo, min(p.date) as debut,
        max(p.date) as fin, count(distinct p.date) as jours,
        avg(abs(p.prevision_mw - p.realise_mw) order by p.date, p.heure_locale) as mae_mw,
        avg(abs(r.prevision_mw - p.realise_mw) order by p.date, p.heure_locale) as mae_rte_mw
    from mart_prevision as p
    inner join mart_prevision as r on p.code_territoire = r.code_territoire and p.pas = r.pas and p.date = r.date
        and p.heure_locale = r.heure_locale and p.horizon_jours = r.horizon_jours and r.modele = 'rte_j1'
    where p.code_territoire = 'FR' and p.pas = 'demi_heure' and p.modele = 'ridge' and p.horizon_jours = 1
        and p.realise_mw is not null and p.prevision_mw is not null and r.prevision_mw is not null
        and p.meteo = (
            select max(meteo) from mart_prevision_modele
            where code_territoire = 'FR' and pas = 'demi_heure' and est_publie
        )
    group by 1 order by 1
    """


def by_hour(served: Served) -> Chart:
    """Return the mean error by hour of the last forecasts, beside that of RTE on the same half-hours."""
    served.rows("select 1 from mart_prevision where code_territoire = 'FR' and pas = 'demi_heure' limit 1")
    try:
        rows = served.rows(_BY_HOUR)
    except Unavailable:
        raise Unavailable("RTE n’a publié aucune prévision aux demi-heures des nôtres : rien n’est comparé.") from None
    ours, theirs = _title({**rows[0], "modele": "ridge"}), "RTE, mêmes demi-heures"
    at = Basis(
        Period.between(
            min(row["debut"] for row in rows), max(row["fin"] for row in rows), max(row["jours"] for row in rows)
        ),
        "mart_prevision",
    )
    columns = ((ours, "mae_mw"), (theirs, "mae_rte_mw"))
    drawn = [
        {
            "x": row["heure"],
            "y": row[column],
            "serie": name,
            "dit": f"{name}, {row['heure']} h : {number(row[column], 0, 'MW')}",
        }
        for row in rows
        for name, column in columns
    ]
    worst = max(rows, key=lambda row: row["mae_mw"])
    return Chart(
        "heures",
        "Erreur absolue moyenne selon l’heure du jour, sur les dernières prévisions vérifiées",
        (
            f"{ours} : la plus forte vers ",
            Fixed(f"{worst['heure']} h"),
            " (",
            at.figure(worst["mae_mw"], 0, "MW"),
            ") ; RTE à la même heure : ",
            at.figure(worst["mae_rte_mw"], 0, "MW"),
            ".",
        ),
        curves(
            drawn,
            {ours: theme.ACCENT[0], theirs: theme.REFERENCE[0]},
            ("Heure", "MW"),
            zero=True,
            ticks=range(0, 25, 6),
        ),
        Table(
            "Erreur absolue moyenne par heure",
            ("Heure", ours, theirs),
            [(f"{row['heure']} h", *(at.figure(row[column], 0, "MW") for _, column in columns)) for row in rows],
        ),
    )


def models(served: Served, made: Section) -> None:
    """Fill a section with the models, published or not."""
    rows = served.rows(
        """
        select coalesce(r.nom_region, 'France') as nom, m.pas, m.modele, m.meteo, m.est_publie, m.motif,
            m.apprentissage_debut as appris_debut, m.apprentissage_fin as appris_fin, m.epreuve_debut as debut,
            m.epreuve_fin as fin, m.nombre_jours_eprouves as jours, m.mape_pct as mape,
            m.couverture_90_pct as couverture, m.gain_contre_naif_pct as gain
        from mart_prevision_modele as m left join dim_region as r on m.code_territoire = r.code_region
        order by m.maille, nom, m.pas, m.modele, m.meteo
        """
    )
    at = Basis(Period.one_day(served.published_on()), "mart_prevision_modele")
    made.text.append(
        (
            "Modèles publiés : ",
            at.figure(sum(bool(row["est_publie"]) for row in rows)),
            " sur ",
            at.figure(len(rows)),
            ". Un modèle qui ne bat pas ses références n’est pas publié ; le tableau en donne la raison.",
        )
    )
    made.text.append("Chaque erreur est celle des jours où le modèle a été éprouvé.")
    made.tables.append(
        Table(
            "Modèles",
            (
                "Territoire",
                "Pas",
                "Modèle",
                "Publié",
                "Apprentissage",
                "Erreur",
                "Gain sur la semaine précédente",
                "Mesuré dans l’intervalle annoncé à 90 %",
            ),
            [
                (
                    row["nom"],
                    "demi-heure" if row["pas"] == "demi_heure" else row["pas"],
                    _title(row),
                    "oui" if row["est_publie"] else Quoted(f"non : {row['motif'] or 'sans motif'}"),
                    Quoted(f"{day(row['appris_debut'])} au {day(row['appris_fin'])}"),
                    *_tried(row),
                )
                for row in rows
            ],
        )
    )


def _tried(row: Row) -> list[Prose]:
    if row["debut"] is None:
        return ["n.d."] * 3
    at = Basis(Period.between(row["debut"], row["fin"], row["jours"]), "mart_prevision_modele")
    return [at.figure(row["mape"], 1, "%"), at.figure(row["gain"], 0, "%"), at.figure(row["couverture"], 0, "%")]
