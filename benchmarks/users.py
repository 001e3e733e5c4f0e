"""Tasks of an officer, an analyst and a newcomer, played through the report, the command line and the pages."""

from __future__ import annotations

import csv
import re
import shutil
import sys

from benchmarks.desk import REPOSITORY, Desk, NotPlayed, check, opened_in_calc

RATE = "conso_electricite_par_hab"


def neighbours(desk: Desk) -> str:
    """Compare the Gironde with its neighbours, per inhabitant, and take the figures to a spreadsheet."""
    path = desk.folder / "gironde.csv"
    with desk.territory("gironde", "Gironde") as page:
        with page.expect_download() as started:
            page.locator(f"#figure-autour-{RATE} button.csv").click()
        started.value.save_as(path)
    head, *rows = csv.reader(path.read_text(encoding="utf-8-sig").splitlines(), delimiter=";")
    check({"Gironde", "Landes"} <= {row[0] for row in rows}, f"{head} {rows}")
    if shutil.which("soffice"):
        cells = opened_in_calc(desk, path)[1:]
        wrong = [row for row in cells if not isinstance(row[1], float)]
        check(not wrong and len(cells) == len(rows), f"not numbers in Calc: {wrong}")
    return f"{head[1]}: " + ", ".join(f"{row[0]} {row[1]}" for row in rows) + f"; {rows[0][2]} to {rows[0][3]}"


def commune(desk: Desk) -> str:
    """Find a commune of the Gironde by its code and read its figures."""
    (first, *_) = desk.query(
        "select code_commune as code, nom_commune as name from dim_commune "
        "where code_departement = '33' and est_active order by 1"
    )
    with desk.territory(first["code"], first["name"]) as page:
        facts = page.locator(".facts li").all_inner_texts()
        check(page.url.endswith(f"communes.html#{first['code']}"), page.url)
    check(facts, f"no figure on the page of {first['name']}")
    return f"{first['name']}: {' | '.join(facts[:3])}"


def typology(desk: Desk) -> str:
    """Read the type of an EPCI and which others are like it."""
    (first, *_) = desk.query(
        "select nom_epci from mart_typologie_territoires join dim_epci on code_epci = code_territoire "
        "where maille = 'epci' order by nom_epci"
    )
    with desk.territory(first["nom_epci"], first["nom_epci"]) as page:
        words = page.locator("#type").inner_text()
    check("Type" in words, words)
    return f"{first['nom_epci']}: {words}"


def own_indicator(desk: Desk) -> str:
    """Import an indicator of one's own and see it beside those of the neighbours."""
    codes = [
        row["code_departement"]
        for row in desk.query("select code_departement from dim_departement where code_region = '75' order by 1")
    ]
    check("33" in codes, "the Gironde is not in this publication")
    lines = ["code;maille;indicateur;libellé;unité;nature;année;valeur;source"]
    lines += [
        f"{code};departement;velos;Vélos par habitant;‰;taux;2023;{40 + i},5;Essai" for i, code in enumerate(codes)
    ]
    path = desk.folder / "velos.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    given = ("import-indicators", path.name, "--owner", "Essai des tâches")
    said = desk.dataelec(*given, "--dry-run")
    desk.closing.callback(desk.dataelec, "import-indicators", "--withdraw", "essai_des_taches__velos")
    desk.dataelec(*given)
    desk.dataelec("report")
    with desk.territory("gironde", "Gironde") as page:
        shown = page.locator("#figure-autour-imp_essai_des_taches__velos")
        text = shown.inner_text()
        check(all(name in text for name in ("Gironde", "Landes", "Lot-et-Garonne")), text)
        check(shown.locator("svg rect").count() > 1, "no bar is drawn")
    return f"{said.strip()} {text}"


def unit(desk: Desk) -> str:
    """Find the unit of a column, and how to add it up."""
    (row,) = desk.query(
        "select libelle, unite, regle_agregation from meta_colonnes "
        "where nom_table = 'mart_mix_bilan_jour' and nom_colonne = 'taux_co2_g_par_kwh'"
    )
    check(row["unite"] == "g/kWh", str(row))
    return f"taux_co2_g_par_kwh: {row['libelle']}, {row['unite']}, {row['regle_agregation']}"


def period(desk: Desk) -> str:
    """Find for which days a figure stands, and whether some of them lack."""
    row, *_ = desk.query(
        "select nom_filiere, energie_mwh, debut, fin, jours_attendus, jours_presents from vues.v_mix_annuel "
        "where maille = 'nation' order by debut desc, energie_mwh desc"
    )
    return (
        f"{row['nom_filiere']} {row['energie_mwh']:,.0f} MWh, from {row['debut']} to {row['fin']}, "
        f"{row['jours_presents']} of {row['jours_attendus']} days"
    )


def first_chart(desk: Desk) -> str:
    """Follow README.fr from an empty folder to a first chart."""
    command = re.search(r"^dataelec (demo)$", _readme(), re.MULTILINE)
    check(command, "README.fr names no demonstration")
    if (desk.lake / "serving" / "rapport").exists():
        said = "the lake that was given"
    else:
        desk.dataelec("demo")
        said = "the demonstration"
    with desk.window() as page:
        page.goto(self_report := desk.report("index.html"))
        figure = page.locator("figure:has(.chart)").first
        figure.scroll_into_view_if_needed()  # which draws it
        figure.locator(".chart svg").first.wait_for()
        words = figure.inner_text().splitlines()[0]
    check(words, self_report)
    return f"{said}: {words}"


def first_query(desk: Desk) -> str:
    """Run the query of README.fr as it stands, where README.fr says: beside the lake."""
    if desk.lake.name != "lake":
        raise NotPlayed("needs a lake in a folder of this name: README.fr opens lake/serving/dataelec.duckdb")
    (program,) = re.findall(r"```python\n(.*?)```", _readme(), re.DOTALL)
    return desk.run(sys.executable, "-c", program, folder=desk.lake.parent)


def _readme() -> str:
    return (REPOSITORY / "README.fr.md").read_text(encoding="utf-8")
