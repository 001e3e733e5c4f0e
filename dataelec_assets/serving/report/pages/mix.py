"""The mix: the parts of the production, by day, month, season and year, and by place."""

from __future__ import annotations

from dataelec_assets.serving.report import theme
from dataelec_assets.serving.report.charts import bars, stacked
from dataelec_assets.serving.report.components import Figure, Page, Section, Table, section
from dataelec_assets.serving.report.french import day, month, number, year
from dataelec_assets.serving.report.reading import Row, Served, crossed
from dataelec_assets.serving.report.timelines import lines

# Longest run of months that stays readable in one drawing.
_MONTHS = 60


def page(served: Served) -> Page:
    """Return the page of the mix."""
    return Page(
        "mix",
        "Le mix électrique",
        "La production d’électricité en énergie : parts par filière, bas carbone, renouvelable, et grammes de CO2 par "
        "kilowattheure. Hors pompage et échanges.",
        [
            section(
                "jours",
                "Les 30 derniers jours",
                lambda made: made.figures.append(last_days_figure(served, "FR", is_half=False)),
            ),
            section("annees", "Par année", lambda made: made.figures.append(_by_year(served, "FR"))),
            section("saisons", "Par saison", lambda made: made.figures.append(_by_season(served))),
            section("carbone", "Bas carbone, renouvelable et CO2", lambda made: _carbon(served, made)),
            section("regions", "Dans les régions", lambda made: _regions(served, made)),
        ],
    )


def last_days_figure(served: Served, code: str, *, is_half: bool = True) -> Figure:
    """Return the shares of the last thirty days of a territory."""
    rows = served.rows(
        """
        select f.libelle, f.filiere, m.part_pct, m.energie_mwh, m.debut, m.fin
        from mart_mix_periode as m inner join dim_filiere as f using (filiere)
        where m.code_territoire = ? and m.type_periode = '30_jours' and m.part_pct is not null
            and m.fin = (select max(fin) from mart_mix_periode where code_territoire = ? and type_periode = '30_jours')
        order by m.part_pct desc, f.ordre
        """,
        [code, code],
    )
    first = rows[0]
    drawn = [
        {
            "nom": row["libelle"],
            "valeur": row["part_pct"],
            "texte": number(row["part_pct"], 1, "%"),
            "couleur": theme.FILIERES.get(row["filiere"], theme.MUTED)[0],
        }
        for row in rows
    ]
    return Figure(
        "mix-30-jours",
        f"Parts de la production du {day(first['debut'])} au {day(first['fin'])}",
        f"{first['libelle']} : {number(first['part_pct'], 1, '%')} de l’énergie produite, première filière.",
        bars(drawn, "Part de la production (%)"),
        Table(
            "Parts et énergies par filière",
            ("Filière", "Part", "Énergie"),
            [(r["libelle"], number(r["part_pct"], 1, "%"), number(r["energie_mwh"] / 1000, 0, "GWh")) for r in rows],
        ),
        is_half=is_half,
    )


def _shares(
    served: Served, rows: list[Row], key: str, title: str, summary: str, *, first: str, is_half: bool = False
) -> Figure:
    """Return stacked shares of rows that have ``groupe``, ``filiere``, ``part_pct``."""
    names = {
        row["filiere"]: row["libelle"] for row in served.rows("select filiere, libelle from dim_filiere order by ordre")
    }
    labels = {code: text.split(" (")[0] for code, text in names.items()}
    shares = crossed(rows, "groupe", "filiere", "part_pct")
    order = [code for code in names if code in shares.columns]
    drawn = [
        {
            "groupe": row["groupe"],
            "serie": row["filiere"],
            "part": row["part_pct"],
            "texte": number(row["part_pct"], 1, "%"),
        }
        for row in rows
        if row["part_pct"] is not None
    ]
    return Figure(
        key,
        title,
        summary,
        stacked(
            drawn, {code: theme.FILIERES.get(code, theme.MUTED)[0] for code in order}, labels, tops=list(shares.index)
        ),
        Table(
            title,
            (first, *(labels[code] for code in order)),
            [(group, *(number(each, 1, "%") for each in parts)) for group, *parts in shares[order].itertuples()],
        ),
        is_half=is_half,
    )


def _by_year(served: Served, code: str) -> Figure:
    rows = served.rows(
        """
        select cast(year(debut) as varchar) || if(est_complete, '', ' (incomplète)') as groupe, filiere, part_pct
        from mart_mix_periode where code_territoire = ? and type_periode = 'annee' order by debut desc, filiere
        """,
        [code],
    )
    return _shares(
        served, rows, "mix-annees", "Parts par année", "De l’année la plus récente à la plus ancienne.", first="Année"
    )


def _by_season(served: Served) -> Figure:
    rows = served.rows(
        """
        select saison || ' ' || annee_saison || if(est_complete, '', ' (incomplet)') as groupe, filiere, part_pct,
            nombre_jours from mart_mix_saison
        where maille = 'nation' and annee_saison >= (select max(annee_saison) - 2 from mart_mix_saison where maille =
            'nation')
        order by annee_saison desc, case saison when 'hiver' then 4 when 'printemps' then 3 when 'été' then 2 when
            'ete' then 2 else 1 end, filiere
        """
    )
    summary = "Les saisons météorologiques des dernières années : l’hiver porte l’année de son mois de janvier."
    return _shares(served, rows, "mix-saisons", "Parts par saison", summary, first="Saison")


def _carbon(served: Served, made: Section) -> None:
    rows = served.rows(
        f"""
        select debut, part_bas_carbone_pct as bas, part_renouvelable_pct as renouvelable, taux_co2_g_par_kwh as co2,
            couverture_co2_pct as couverture
        from mart_mix_bilan_periode where maille = 'nation' and type_periode = 'mois' and part_bas_carbone_pct is not
            null
        order by debut desc limit {_MONTHS}
        """
    )[::-1]
    series = {"Bas carbone": theme.ACCENT[0], "Renouvelable": theme.FILIERES["bioenergies"][0]}
    last = rows[-1]
    table = Table(
        "Part bas carbone, part renouvelable et CO2 par mois",
        ("Mois", "Bas carbone", "Renouvelable", "CO2"),
        [
            (
                month(r["debut"]),
                number(r["bas"], 1, "%"),
                number(r["renouvelable"], 1, "%"),
                number(r["co2"], 1, "g/kWh"),
            )
            for r in reversed(rows)
        ],
    )
    made.figures.append(
        Figure(
            "parts-mensuelles",
            "Parts bas carbone et renouvelable, par mois",
            f"{month(last['debut'])} : {number(last['bas'], 1, '%')} bas carbone, "
            f"{number(last['renouvelable'], 1, '%')} renouvelable.",
            lines(
                [
                    {"x": r["debut"], "y": r[name], "serie": label}
                    for r in rows
                    for name, label in (("bas", "Bas carbone"), ("renouvelable", "Renouvelable"))
                ],
                series,
                "% de la production",
                zero=True,
            ),
            table,
            is_half=True,
        )
    )
    known = [row for row in rows if row["co2"] is not None]
    if known:
        made.figures.append(
            Figure(
                "co2-mensuel",
                "CO2 par kilowattheure produit, par mois",
                f"{month(known[-1]['debut'])} : {number(known[-1]['co2'], 1, 'g/kWh')}, taux de RTE pondéré par "
                "l’énergie produite.",
                lines(
                    [{"x": r["debut"], "y": r["co2"], "serie": "CO2"} for r in known],
                    {"CO2": theme.WARM[0]},
                    "g de CO2 par kWh",
                    zero=True,
                ),
                Table(
                    "CO2 par mois",
                    ("Mois", "CO2", "Production couverte"),
                    [
                        (month(r["debut"]), number(r["co2"], 1, "g/kWh"), number(r["couverture"], 0, "%"))
                        for r in reversed(known)
                    ],
                ),
                is_half=True,
                note="Taux publié par RTE (combustion directe). Un mois sans taux n’a pas de point ; aucun taux n’est "
                "calculé par région.",
            )
        )


_YEAR = """
    select max(debut) from mart_mix_periode
    where maille = 'region' and type_periode = 'annee'
        and est_complete = (select max(est_complete) from mart_mix_periode where maille = 'region' and type_periode =
            'annee')
"""


def _regions(served: Served, made: Section) -> None:
    rows = served.rows(
        f"""
        select r.nom_region as groupe, m.filiere, m.part_pct, m.debut,
            bool_and(m.est_complete) over () as est_complete
        from mart_mix_periode as m
        inner join dim_region as r on m.code_territoire = r.code_region
        where m.maille = 'region' and m.type_periode = 'annee' and m.debut = ({_YEAR}) order by
            strip_accents(r.nom_region), 2
        """
    )
    words = year(rows[0]["debut"], is_whole=rows[0]["est_complete"])
    made.text.append(
        "En région, gaz, charbon et fioul sont publiés ensemble, sous « thermique » : aucun CO2 régional n’en est "
        "déduit."
    )
    made.figures.append(
        _shares(
            served,
            rows,
            "mix-regions",
            f"Parts par région en {words}",
            "Une barre par région, dans l’ordre alphabétique.",
            first="Région",
        )
    )
    cover = served.rows(
        f"""
        select r.nom_region as nom, m.taux_couverture_pct as taux from mart_mix_bilan_periode as m
        inner join dim_region as r on m.code_territoire = r.code_region
        where m.maille = 'region' and m.type_periode = 'annee' and m.debut = ({_YEAR}) and m.taux_couverture_pct is
            not null
        order by 2 desc, 1
        """
    )
    made.figures.append(
        Figure(
            "couverture",
            f"Production rapportée à la consommation en {words}",
            f"{cover[0]['nom']} produit {number(cover[0]['taux'], 0, '%')} de ce qu’elle consomme ; "
            f"{cover[-1]['nom']}, {number(cover[-1]['taux'], 0, '%')}.",
            bars(
                [{"nom": r["nom"], "valeur": r["taux"], "texte": number(r["taux"], 0, "%")} for r in cover],
                "Taux de couverture (%)",
                form=",.0f",
            ),
            Table("Taux de couverture", ("Région", "Taux"), [(r["nom"], number(r["taux"], 1, "%")) for r in cover]),
        )
    )
