"""The forecast: the days to come, what became of the last ones, and how it compares with RTE's."""

from __future__ import annotations

from dataelec_assets.serving.report import theme
from dataelec_assets.serving.report.charts import bars, curves
from dataelec_assets.serving.report.components import Figure, Page, Section, Table, section
from dataelec_assets.serving.report.french import counted, day, interval, moment, number, weekday
from dataelec_assets.serving.report.reading import Row, Served, Unavailable
from dataelec_assets.serving.report.timelines import fan

MODELS = {
    "ridge": "Notre modèle",
    "rte_j1": "Prévision J-1 de RTE",
    "naif_7j": "Même jour, semaine d’avant",
    "persistance": "Comme la veille",
}
WEATHER = {"observee": "météo observée", "prevue": "météo prévue", "climatologie": "météo normale"}


def page(served: Served) -> Page:
    """Return the page of the forecast."""
    return Page(
        "prevision",
        "Prévision de la consommation",
        "Ce qui est attendu pour les jours à venir, avec son incertitude, et ce que valaient les prévisions passées.",
        [
            section(
                "a-venir",
                "Les jours à venir",
                lambda made: made.figures.append(coming_figure(served, "FR", is_half=False)),
            ),
            section(
                "passe", "Prévu et réalisé", lambda made: made.figures.append(past_figure(served, "FR", is_half=False))
            ),
            section("erreurs", "Erreurs comparées", lambda made: _scores(served, made)),
            section("heures", "Erreur selon l’heure", lambda made: made.figures.append(_by_hour(served))),
            section("modeles", "Modèles publiés ou non", lambda made: _models(served, made)),
        ],
    )


# Of the model that is published, with the weather that it really has: a forecast of the weather where there is one.
_SELECT = """
    select p.date, p.horizon_jours as horizon, p.emise_a, p.meteo, p.est_a_venir, p.prevision_mw / unite as prevu,
        p.ic50_bas_mw / unite as bas50, p.ic50_haut_mw / unite as haut50, p.ic90_bas_mw / unite as bas90,
        p.ic90_haut_mw / unite as haut90, p.realise_mw / unite as reel, r.prevision_mw / unite as rte
    from mart_prevision as p cross join (select case when ? = 'FR' then 1000.0 else 1.0 end as unite)
    left join mart_prevision as r on p.code_territoire = r.code_territoire and p.pas = r.pas and p.date = r.date
        and p.horizon_jours = r.horizon_jours and r.modele = 'rte_j1'
    where p.code_territoire = ? and p.pas = 'jour' and p.modele = 'ridge' and p.prevision_mw is not null
        and p.meteo = (
            select max(meteo) from mart_prevision_modele where code_territoire = ? and pas = 'jour' and est_publie
        )
"""


def _require_published(served: Served, code: str) -> None:
    rows = served.rows(
        "select est_publie, motif from mart_prevision_modele where code_territoire = ? and pas = 'jour'", [code]
    )
    if not any(row["est_publie"] for row in rows):
        raise Unavailable(f"La prévision n’est pas publiée : {rows[0]['motif'] or 'sans motif'}.")


def coming_figure(served: Served, code: str, *, is_half: bool = True) -> Figure:
    """Return the forecast of the coming days of a territory."""
    _require_published(served, code)
    rows = served.rows(
        f"""
        with publiees as ({_SELECT})
        from publiees where est_a_venir order by date, horizon
        """,
        [code] * 3,
    )
    first = rows[0]
    unit, digits = ("GW", 1) if code == "FR" else ("MW", 0)
    return Figure(
        "a-venir",
        "Puissance moyenne attendue par jour",
        f"{weekday(first['date']).capitalize()} : {number(first['prevu'], digits, unit)}, neuf chances sur dix entre "
        f"{interval(first['bas90'], first['haut90'], digits, unit)}. Émise le {moment(first['emise_a'])}, "
        f"{WEATHER.get(first['meteo'], first['meteo'])}.",
        fan([{**_point(row), "rte": None} for row in rows], unit=unit),  # RTE's is of one day only
        _coming_table(rows, unit, digits),
        is_half=is_half,
        note="Bandes : intervalles à 50 % et à 90 %.",
    )


def past_figure(served: Served, code: str, *, is_half: bool = True) -> Figure:
    """Return the last sixty forecasts for the next day, and what came."""
    _require_published(served, code)
    rows = served.rows(
        f"""
        with publiees as ({_SELECT})
        from publiees where horizon = 1 and not est_a_venir and reel is not null order by date desc limit 60
        """,
        [code] * 3,
    )[::-1]
    errors = [abs(row["prevu"] - row["reel"]) / row["reel"] for row in rows if row["reel"]]
    inside = sum(row["bas90"] <= row["reel"] <= row["haut90"] for row in rows if row["bas90"] is not None)
    unit, digits = ("GW", 1) if code == "FR" else ("MW", 0)
    return Figure(
        "passe",
        "Puissance moyenne du jour : prévue la veille et réalisée",
        f"Du {day(rows[0]['date'])} au {day(rows[-1]['date'])} : erreur moyenne de "
        f"{number(100 * sum(errors) / len(errors), 1, '%')} ; "
        f"{counted(inside, 'jour', 'jours')} sur {len(rows)} dans l’intervalle à 90 % "
        f"({WEATHER.get(rows[0]['meteo'], rows[0]['meteo'])}).",
        fan([_point(row) for row in rows], unit=unit),
        _past_table(rows[::-1], unit, digits),
        is_half=is_half,
        note="Bandes : intervalles à 50 % et à 90 %.",
    )


_DRAWN = ("prevu", "reel", "rte", "bas50", "haut50", "bas90", "haut90")


def _point(row: Row) -> Row:
    return {"x": row["date"], **{name: row[name] for name in _DRAWN}}


def _coming_table(rows: list[Row], unit: str, digits: int) -> Table:
    return Table(
        "Prévision par jour",
        ("Jour", "Prévu", "Intervalle à 50 %", "Intervalle à 90 %"),
        [
            (
                weekday(row["date"]),
                number(row["prevu"], digits, unit),
                interval(row["bas50"], row["haut50"], digits),
                interval(row["bas90"], row["haut90"], digits),
            )
            for row in rows
        ],
    )


def _past_table(rows: list[Row], unit: str, digits: int) -> Table:
    return Table(
        "Prévu et réalisé par jour",
        ("Jour", "Prévu", "Réalisé", "Écart", "Intervalle à 90 %", "RTE la veille"),
        [
            (
                weekday(row["date"]),
                number(row["prevu"], digits, unit),
                number(row["reel"], digits, unit),
                number(100 * (row["prevu"] / row["reel"] - 1) if row["reel"] else None, 1, "%"),
                interval(row["bas90"], row["haut90"], digits),
                number(row["rte"], digits, unit),
            )
            for row in rows
        ],
    )


def _model(name: str) -> str:
    return MODELS.get(name, name)


def _title(row: Row) -> str:
    name = _model(row["modele"])
    return f"{name}, {WEATHER[row['meteo']]}" if row["meteo"] in WEATHER and row["modele"] == "ridge" else name


def _scores(served: Served, made: Section) -> None:
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
        "Les scores avec la météo observée disent ce que vaut le modèle si la météo était connue d’avance ; "
        "les autres, ce qu’il "
        "vaut en pratique. Le test de Diebold et Mariano compare, sur les mêmes demi-heures, ses erreurs à "
        "celles de RTE."
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


def _by_hour(served: Served) -> Figure:
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
    names = sorted({row["serie"] for row in rows})
    shades = (theme.ACCENT[0], theme.COOL[0], theme.REFERENCE[0], theme.WARM[0])
    worst = max((row for row in rows if row["modele"] == "ridge"), key=lambda row: row["y"], default=rows[0])
    by_hour: dict[int, dict[str, float]] = {}
    for row in rows:
        by_hour.setdefault(row["x"], {})[row["serie"]] = row["y"]
    return Figure(
        "heures",
        "Erreur moyenne selon l’heure du jour",
        f"{worst['serie']} : au pire vers {worst['x']} h ({number(worst['y'], 1, '%')}).",
        curves(rows, dict(zip(names, shades, strict=False)), ("Heure", "%"), zero=True, ticks=range(0, 25, 6)),
        Table(
            "Erreur absolue moyenne par heure",
            ("Heure", *names),
            [
                (f"{hour} h", *(number(found.get(name), 2, "%") for name in names))
                for hour, found in sorted(by_hour.items())
            ],
        ),
    )


def _models(served: Served, made: Section) -> None:
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
        f"{published} modèles sur {len(rows)} sont publiés : un modèle qui ne bat pas ses références ne l’est "
        "pas, et la table le dit."
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
                "Gain sur « semaine d’avant »",
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
