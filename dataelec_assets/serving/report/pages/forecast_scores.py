"""What past forecasts were worth: errors beside those of RTE and of simple rules, by hour, and what is published."""

from __future__ import annotations

from dataelec_assets.serving.report import theme
from dataelec_assets.serving.report.charts import bars, curves
from dataelec_assets.serving.report.components import Figure, Section, Table
from dataelec_assets.serving.report.french import day, number
from dataelec_assets.serving.report.reading import Row, Served, crossed

MODELS = {
    "ridge": "Notre modèle",
    "rte_j1": "Prévision J-1 de RTE",
    "naif_7j": "Même jour, semaine précédente",
    "persistance": "Comme la veille",
}
WEATHER = {"observee": "météo observée", "prevue": "météo prévue", "climatologie": "météo moyenne"}


def _model(name: str) -> str:
    return MODELS.get(name, name)


def _title(row: Row) -> str:
    name = _model(row["modele"])
    return f"{name}, {WEATHER[row['meteo']]}" if row["meteo"] in WEATHER and row["modele"] == "ridge" else name


def scores(served: Served, made: Section) -> None:
    """Fill a section with the errors of all forecasts of the next day, for days and for half-hours."""
    for step, title in (("jour", "énergie du jour"), ("demi_heure", "chaque demi-heure")):
        rows = served.rows(
            """
            select modele, meteo, nombre, mae_mw, gain_contre_naif_pct as gain, mape_pct as mape, biais_mw, mase,
                couverture_90_pct as couverture,
                couverture_50_pct as couverture_50, dm_statistique as dm, dm_p_valeur as p
            from mart_prevision_scores
            where maille = 'nation' and pas = ? and decoupe = 'ensemble' and horizon_jours = 1 and mape_pct is not null
            order by mape_pct, modele, meteo
            """,
            [step],
        )
        made.figures.append(_scores_figure(step, title, rows))
    made.text.append(
        "Avec la météo observée, les scores mesurent ce que vaudrait le modèle si la météo était connue d’avance ; "
        "avec les autres, ce qu’il vaut en pratique. Le test de Diebold et Mariano compare ses erreurs à celles de "
        "RTE, sur les mêmes demi-heures."
    )


def _scores_figure(step: str, title: str, rows: list[Row]) -> Figure:
    drawn = [
        {
            "nom": _title(row),
            "valeur": row["mape"],
            "texte": number(row["mape"], 2, "%"),
            "couleur": theme.ACCENT[0]
            if row["modele"] == "ridge"
            else theme.REFERENCE[0]
            if row["modele"].startswith("rte")
            else theme.MUTED[0],
        }
        for row in rows
    ]
    return Figure(
        f"scores-{step}",
        f"Erreur moyenne de la prévision du lendemain, {title}",
        f"{drawn[0]['nom']} : {drawn[0]['texte']} ; {drawn[-1]['nom']} : {drawn[-1]['texte']}.",
        bars(drawn, "Erreur absolue moyenne (%)", form=",.2f"),
        Table(
            f"Scores, {title}",
            (
                "Prévision",
                "Erreur",
                "Erreur absolue",
                "Biais",
                "MASE",
                "Couverture à 90 %",
                "à 50 %",
                "Contre RTE",
                "Nombre",
            ),
            [
                (
                    _title(row),
                    number(row["mape"], 2, "%"),
                    number(row["mae_mw"], 0, "MW"),
                    number(row["biais_mw"], 0, "MW"),
                    number(row["mase"], 2),
                    number(row["couverture"], 1, "%"),
                    number(row["couverture_50"], 1, "%"),
                    "" if row["dm"] is None else f"{number(row['dm'], 1)} (p = {number(row['p'], 3)})",
                    number(row["nombre"]),
                )
                for row in rows
            ],
            words=frozenset({7}),
        ),
        is_half=True,
    )


def by_hour(served: Served) -> Figure:
    """Return the mean error by hour of the day."""
    rows = served.rows(
        """
        select modele, meteo, valeur_decoupe as heure, mape_pct as y from mart_prevision_scores
        where maille = 'nation' and pas = 'demi_heure' and decoupe = 'heure' and horizon_jours = 1 and mape_pct is
            not null
            and (modele = 'ridge' or modele like 'rte%') order by modele, meteo, heure
        """
    )
    for row in rows:
        row.update(x=int(str(row["heure"])[:2]), serie=_title(row))
    hours = crossed(rows, "x", "serie", "y").sort_index().sort_index(axis="columns")
    names: list[str] = list(hours.columns)
    shades = (theme.ACCENT[0], theme.COOL[0], theme.REFERENCE[0], theme.WARM[0])
    worst = max((row for row in rows if row["modele"] == "ridge"), key=lambda row: row["y"], default=rows[0])
    return Figure(
        "heures",
        "Erreur moyenne selon l’heure du jour",
        f"{worst['serie']} : erreur maximale vers {worst['x']} h ({number(worst['y'], 1, '%')}).",
        curves(rows, dict(zip(names, shades, strict=False)), ("Heure", "%"), zero=True, ticks=range(0, 25, 6)),
        Table(
            "Erreur absolue moyenne par heure",
            ("Heure", *names),
            [(f"{hour} h", *(number(each, 2, "%") for each in values)) for hour, *values in hours.itertuples()],
        ),
    )


def models(served: Served, made: Section) -> None:
    """Fill a section with the models, published or not."""
    rows = served.rows(
        """
        select coalesce(r.nom_region, 'France') as nom, m.pas, m.modele, m.est_publie, m.motif, m.apprentissage_debut
            as debut,
            m.apprentissage_fin as fin, m.mape_pct as mape, m.couverture_90_pct as couverture, m.gain_contre_naif_pct
                as gain
        from mart_prevision_modele as m left join dim_region as r on m.code_territoire = r.code_region
        order by m.maille, nom, m.pas, m.modele
        """
    )
    published = sum(bool(row["est_publie"]) for row in rows)
    made.text.append(
        f"Modèles publiés : {published} sur {len(rows)}. Un modèle qui ne bat pas ses références n’est pas publié ; "
        "le tableau en donne la raison."
    )
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
                "Couverture à 90 %",
            ),
            [
                (
                    row["nom"],
                    "demi-heure" if row["pas"] == "demi_heure" else row["pas"],
                    _model(row["modele"]),
                    "oui" if row["est_publie"] else f"non : {row['motif'] or 'sans motif'}",
                    f"{day(row['debut'])} au {day(row['fin'])}",
                    number(row["mape"], 1, "%"),
                    number(row["gain"], 0, "%"),
                    number(row["couverture"], 0, "%"),
                )
                for row in rows
            ],
            words=frozenset({1, 2, 3, 4}),
        )
    )
