"""Gas in storage, exchanges with the neighbours, and series that move together."""

from __future__ import annotations

from dataelec_assets.serving.report import theme
from dataelec_assets.serving.report.components import Chart, Page, Table, section
from dataelec_assets.serving.report.figures import Basis, in_month
from dataelec_assets.serving.report.french import day, month, number
from dataelec_assets.serving.report.pages import questions
from dataelec_assets.serving.report.periods import Period
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

_STOCK, _EXCHANGES = "mart_stock_gaz_national", "fct_echanges_commerciaux"


def page(served: Served) -> Page:
    """Return the page of gas and exchanges."""
    return Page(
        "gaz",
        "Gaz et échanges",
        "Le gaz en stock au fil de l’année, l’électricité échangée avec les voisins, et ce qui varie ensemble.",
        [
            section("stock", "Gaz en stock", lambda made: made.charts.append(_stock(served))),
            section("echanges", "Échanges d’électricité", lambda made: made.charts.append(_exchanges(served))),
            *questions.sections(served),
        ],
    )


def _stock(served: Served) -> Chart:
    rows = served.rows(
        """
        select year(date) as annee, date, stock_gwh / 1000 as twh
        from mart_stock_gaz_national
        where est_complet and year(date) >= (select max(year(date)) - 3 from mart_stock_gaz_national where est_complet)
            and (dayofyear(date) % 7 = 1 or date = (select max(date) from mart_stock_gaz_national where est_complet))
        order by date
        """
    )
    years = sorted({row["annee"] for row in rows})
    shades = [theme.MUTED[0], theme.COOL[0], theme.WARM[0], theme.ACCENT[0]][-len(years) :]
    drawn = [
        {
            "x": f"2001-{row['date']:%m-%d}",
            "y": row["twh"],
            "serie": str(row["annee"]),
            "dit": f"{day(row['date'])} : {number(row['twh'], 1, 'TWh')}",
        }
        for row in rows
        if f"{row['date']:%m-%d}" != "02-29"
    ]
    last = rows[-1]
    return Chart(
        "stock",
        "Gaz en stock en fin de journée",
        (
            "Dernier jour publié en entier : ",
            Basis(Period.one_day(last["date"]), _STOCK).figure(last["twh"], 1, "TWh"),
            ". Une ligne par année : les stocks montent du printemps à l’automne.",
        ),
        lines(
            drawn, {str(year): shade for year, shade in zip(years, shades, strict=True)}, "TWh", zero=True, form="%b"
        ),
        Table(
            "Gaz en stock, un jour sur sept",
            ("Jour", "Stock"),
            [
                (day(row["date"]), Basis(Period.one_day(row["date"]), _STOCK).figure(row["twh"], 1, "TWh"))
                for row in reversed(rows)
            ],
        ),
        note="Seuls comptent les jours où les six groupements de stockage sont publiés. Un jour par semaine est tracé.",
    )


def _exchanges(served: Served) -> Chart:
    rows = served.rows(
        """
        select p.debut as x, p.debut, p.fin, p.jours_attendus, p.jours_presents, e.frontiere as serie,
            sum(e.solde_mw order by e.date, e.tranche_horaire) / 1e6 as y,
            sum(e.export_mw order by e.date, e.tranche_horaire) / 1e6 as export,
            sum(e.import_mw order by e.date, e.tranche_horaire) / 1e6 as import
        from fct_echanges_commerciaux as e
        inner join mart_periode as p on e.date between p.debut and p.fin
        where p.mesure = 'echanges' and p.type_periode = 'mois' and p.est_complete and e.solde_mw is not null
            and e.date > (select max(date) - 1100 from fct_echanges_commerciaux where solde_mw is not null)
        group by all having count(distinct e.date) = any_value(p.jours_attendus) order by x, serie
        """
    )
    colours: dict[str, str] = dict(
        BORDERS.get(code, (code, theme.MUTED[0]))
        for code in (*BORDERS, *sorted({row["serie"] for row in rows} - set(BORDERS)))
    )
    for row in rows:
        row["serie"] = BORDERS.get(row["serie"], (row["serie"], ""))[0]
    drawn = [
        {
            "x": row["x"],
            "y": row["y"],
            "serie": row["serie"],
            "dit": f"{month(row['x'])}, {row['serie']} : {number(row['y'], 2, 'TWh')}",
        }
        for row in rows
    ]
    last = max(row["x"] for row in rows)
    newest = [row for row in rows if row["x"] == last]
    net = sum(row["y"] for row in newest)
    return Chart(
        "echanges",
        "Solde commercial par frontière et par mois",
        (
            in_month(last, begins=True),
            " : solde de ",
            Basis(Period.of(newest[0]), _EXCHANGES).figure(net, 1, "TWh"),
            ". Au-dessus de zéro, la France exporte.",
        ),
        columns(drawn, colours, "TWh par mois"),
        Table(
            "Échanges commerciaux par mois entier et frontière",
            ("Mois et frontière", "Solde", "Exports", "Imports"),
            [
                (
                    f"{month(r['x'])}, {r['serie']}",
                    *(Basis(Period.of(r), _EXCHANGES).figure(r[name], 3, "TWh") for name in ("y", "export", "import")),
                )
                for r in sorted(rows, key=lambda row: (-row["x"].toordinal(), row["serie"]))
            ],
        ),
    )
