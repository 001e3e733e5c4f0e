"""Gas in storage, exchanges with the neighbours, and series that move together."""

from __future__ import annotations

from dataelec_assets.serving.report import theme
from dataelec_assets.serving.report.components import Figure, Page, Table, section
from dataelec_assets.serving.report.french import day, month, number
from dataelec_assets.serving.report.pages import questions
from dataelec_assets.serving.report.reading import Served
from dataelec_assets.serving.report.timelines import columns, lines

# Codes of the portal; a border without a name here is shown by its code.
BORDERS = {
    "cwe": ("Allemagne et Belgique", theme.FILIERES["fioul"][0]),
    "ch": ("Suisse", theme.FILIERES["gaz"][0]),
    "it": ("Italie", theme.FILIERES["bioenergies"][0]),
    "es": ("Espagne", theme.FILIERES["solaire"][0]),
    "gb": ("Royaume-Uni", theme.ACCENT[0]),
}


def page(served: Served) -> Page:
    """Return the page of gas and exchanges."""
    return Page(
        "gaz",
        "Gaz et échanges",
        "Le gaz en stock au fil de l’année, l’électricité échangée avec les voisins, et ce qui varie ensemble.",
        [
            section("stock", "Gaz en stock", lambda made: made.figures.append(_stock(served))),
            section("echanges", "Échanges d’électricité", lambda made: made.figures.append(_exchanges(served))),
            *questions.sections(served),
        ],
    )


def _stock(served: Served) -> Figure:
    rows = served.rows(
        """
        select year(date) as annee, dayofyear(date) as rang, date, stock_gwh / 1000 as twh
        from mart_stock_gaz_national
        where est_complet and year(date) >= (select max(year(date)) - 3 from mart_stock_gaz_national where est_complet)
            and dayofyear(date) % 7 = 1
        order by date
        """
    )
    years = sorted({row["annee"] for row in rows})
    shades = [theme.MUTED[0], theme.COOL[0], theme.WARM[0], theme.ACCENT[0]][-len(years) :]
    drawn = [
        {"x": f"2001-{row['date']:%m-%d}", "y": row["twh"], "serie": str(row["annee"])}
        for row in rows
        if f"{row['date']:%m-%d}" != "02-29"
    ]
    last = rows[-1]
    return Figure(
        "stock",
        "Gaz en stock en fin de journée",
        f"{number(last['twh'], 1, 'TWh')} le {day(last['date'])}. Une ligne par année : les stocks montent du "
        "printemps à l’automne.",
        lines(
            drawn, {str(year): shade for year, shade in zip(years, shades, strict=True)}, "TWh", zero=True, form="%b"
        ),
        Table(
            "Gaz en stock, un jour sur sept",
            ("Jour", "Stock"),
            [(day(row["date"]), number(row["twh"], 1, "TWh")) for row in reversed(rows)],
        ),
        note="Seuls comptent les jours où les six groupements de stockage sont publiés. Un jour par semaine est tracé.",
    )


def _exchanges(served: Served) -> Figure:
    rows = served.rows(
        """
        select cast(date_trunc('month', date) as date) as x, frontiere as serie,
            sum(solde_mw order by date, tranche_horaire) / 1e6 as y,
            sum(export_mw order by date, tranche_horaire) / 1e6 as export, sum(import_mw order by date,
                tranche_horaire) / 1e6 as import
        from fct_echanges_commerciaux
        where date > (select max(date) - 1100 from fct_echanges_commerciaux where solde_mw is not null) and solde_mw
            is not null
        group by 1, 2 having count(distinct date) = day(last_day(min(date))) order by 1, 2
        """
    )
    colours: dict[str, str] = dict(
        BORDERS.get(code, (code, theme.MUTED[0]))
        for code in (*BORDERS, *sorted({row["serie"] for row in rows} - set(BORDERS)))
    )
    for row in rows:
        row["serie"] = BORDERS.get(row["serie"], (row["serie"], ""))[0]
    drawn = [{**row, "dit": f"{month(row['x'])}, {row['serie']} : {number(row['y'], 2, 'TWh')}"} for row in rows]
    last = max(row["x"] for row in rows)
    net = sum(row["y"] for row in rows if row["x"] == last)
    return Figure(
        "echanges",
        "Solde commercial par frontière et par mois",
        f"{month(last).capitalize()} : solde de {number(net, 1, 'TWh')}. Au-dessus de zéro, la France exporte.",
        columns(drawn, colours, "TWh par mois"),
        Table(
            "Échanges commerciaux par mois et frontière",
            ("Mois et frontière", "Solde", "Exports", "Imports"),
            [
                (
                    f"{month(r['x'])}, {r['serie']}",
                    number(r["y"], 3, "TWh"),
                    number(r["export"], 3, "TWh"),
                    number(r["import"], 3, "TWh"),
                )
                for r in sorted(rows, key=lambda row: (-row["x"].toordinal(), row["serie"]))
            ],
        ),
    )
