"""The first page: key facts, freshness, known limits."""

from __future__ import annotations

from dataelec_assets.serving.report.components import Fact, Page, Section, Table, attempt, section
from dataelec_assets.serving.report.figures import Basis, Fixed, Part, Quoted
from dataelec_assets.serving.report.french import measured
from dataelec_assets.serving.report.pages import consumption, mix, sensitivity
from dataelec_assets.serving.report.periods import Period, newest_whole
from dataelec_assets.serving.report.reading import Row, Served, Unavailable
from dataelec_assets.warehouse.meta_tables import STATUSES_AT_REST


def page(served: Served) -> Page:
    """Return the overview."""
    return Page(
        "index",
        "Électricité, gaz et météo en France",
        "Ce que disent les données publiées par les gestionnaires de réseaux : combien la France consomme, comment "
        "elle produit, ce que coûte un degré de froid, et ce que valent les prévisions.",
        [
            section("essentiel", "L’essentiel", lambda made: _key_facts(served, made)),
            section(
                "apercu",
                "En deux graphiques",
                attempt([lambda made: _monthly(served, made), lambda made: _last_days(served, made)]),
            ),
            section(
                "fraicheur",
                "Fraîcheur des sources",
                attempt([lambda made: _freshness(served, made), lambda made: _quarantine(served, made)]),
            ),
            section("limites", "Limites connues", lambda made: _warnings(served, made)),
        ],
    )


def _monthly(served: Served, made: Section) -> None:
    made.charts.append(consumption.monthly_chart(served, "FR", is_half=True))


def _last_days(served: Served, made: Section) -> None:
    made.charts.append(mix.last_days_chart(served, "FR"))


def _key_facts(served: Served, made: Section) -> None:
    reasons = []
    for find in (_used, _carbon, _gradient, _skill, _gas):
        try:
            made.facts.append(find(served))
        except Unavailable as error:
            reasons.append(str(error))
    if not made.facts:
        raise Unavailable(reasons[0])
    made.text.append(
        "Chaque chiffre vaut pour la période écrite dessous, et elles diffèrent : ces chiffres ne se comparent pas "
        "entre eux. Les pages suivantes donnent l’incertitude, la méthode et les limites."
    )


def _used(served: Served) -> Fact:
    period = newest_whole(served, "consommation_electricite", "FR")
    row = served.row(
        """
        select sum(energie_electricite_mwh order by date_locale, heure_locale) / 1e6 as twh
        from fct_consommation_nationale where date_locale between ? and ?
        """,
        [period.start, period.end],
    )
    at = Basis(period, "fct_consommation_nationale")
    return Fact(at.figure(row["twh"], 1, "TWh"), "d’électricité consommée", "consommation.html")


def _carbon(served: Served) -> Fact:
    row = served.row(
        """
        select debut, fin, jours_attendus, jours_presents, part_bas_carbone_pct as part, taux_co2_g_par_kwh as co2
        from mart_mix_bilan_periode
        where maille = 'nation' and type_periode = 'annee' and part_bas_carbone_pct is not null
        order by est_complete desc, debut desc limit 1
        """
    )
    at = Basis(Period.of(row), "mart_mix_bilan_periode")
    co2: list[Part] = [] if row["co2"] is None else [" (", at.figure(row["co2"], 0), " g de CO₂ par kWh)"]
    return Fact(at.figure(row["part"], 1, "%"), ["de production bas carbone", *co2], "mix.html")


def _gradient(served: Served) -> Fact:
    row = served.row(
        f"{sensitivity.FIT} where maille = 'nation' and energie = 'electricite' and periode = 'ensemble' and est_fiable"
    )
    at = sensitivity.basis(row)
    words = (
        "de plus par degré de moins sous ",
        at.figure(row["seuil"], 1, "°C"),
        " (",
        Fixed("intervalle à 95 % : "),
        at.interval(row["bas"], row["haut"]),
        ")",
    )
    return Fact(at.figure(row["g"], 0, "MW/°C"), words, "sensibilite.html")


def _skill(served: Served) -> Fact:
    row = served.row(
        """
        select s.mape_pct as mape, s.mae_mw, s.mae_rte_mw, s.debut, s.fin, s.nombre_jours as jours
        from mart_prevision_scores as s
        inner join mart_prevision_modele as m using (maille, code_territoire, pas, modele, meteo)
        where s.maille = 'nation' and s.pas = 'jour' and s.decoupe = 'ensemble' and m.est_publie and s.horizon_jours = 1
            and s.mape_pct is not null
        order by s.mape_pct limit 1
        """
    )
    at = Basis(Period.between(row["debut"], row["fin"], row["jours"]), "mart_prevision_scores")
    words: list[Part] = ["d’erreur moyenne de la prévision du lendemain (énergie du jour)"]
    if row["mae_rte_mw"] is not None:
        words += [
            " : ",
            at.figure(row["mae_mw"], 0, "MW"),
            ", contre ",
            at.figure(row["mae_rte_mw"], 0, "MW"),
            " pour celle de RTE les mêmes jours",
        ]
    return Fact(at.figure(row["mape"], 1, "%"), words, "prevision.html")


def _gas(served: Served) -> Fact:
    row = served.row(
        "select date, stock_gwh / 1000 as twh from mart_stock_gaz_national where est_complet order by 1 desc limit 1"
    )
    at = Basis(Period.one_day(row["date"]), "mart_stock_gaz_national")
    return Fact(at.figure(row["twh"], 1, "TWh"), "de gaz en stock en fin de journée", "gaz.html")


def _freshness(served: Served, made: Section) -> None:
    rows = served.rows(
        "select titre, producteur, licence, lignes, derniere_mesure, statut from meta_sources order by "
        "portail, jeu_de_donnees"
    )
    current = [row for row in rows if row["statut"] == "à jour"]
    # What is off, in reserve or in the hands of users needs no attention.
    late = [row for row in rows if row["statut"] not in STATUSES_AT_REST]
    at = Basis(Period.one_day(served.published_on()), "meta_sources")
    made.text.append(
        (
            at.figure(len(rows)),
            " jeux de données, dont ",
            at.figure(len(current)),
            " à jour à la publication, et ",
            at.figure(len(late)),
            " à surveiller ; les autres sont facultatifs, en réserve ou importés par leurs propriétaires.",
        )
    )
    made.text.append("La commande « dataelec status » donne l’état actuel.")
    if late:
        made.tables.append(
            Table(
                "Sources à surveiller",
                ("Jeu de données", "Statut", "Dernière mesure"),
                [(row["titre"], Quoted(row["statut"]), Quoted(measured(row["derniere_mesure"]))) for row in late],
            )
        )
    made.tables.append(
        Table(
            "Sources : dernière mesure et statut à la publication",
            ("Jeu de données", "Producteur", "Dernière mesure", "Statut", "Lignes", "Licence"),
            [
                (
                    r["titre"],
                    Quoted(r["producteur"]),
                    Quoted(measured(r["derniere_mesure"])),
                    Quoted(r["statut"]),
                    at.figure(r["lignes"]),
                    Quoted(r["licence"]),
                )
                for r in rows
            ],
        )
    )


def _quarantine(served: Served, made: Section) -> None:
    """Show what is not served as received; a file of an earlier version cannot tell."""
    if not served.row("select count(*) as n from meta_quarantaine")["n"]:
        made.text.append("Tout est servi tel que reçu : aucune quarantaine.")
        return
    rows = served.rows("select * from meta_quarantaine order by table_conservee, jeu_de_donnees, partition, regle")
    made.text.append(
        "Tout n’est pas servi tel que reçu. Une partition en quarantaine est servie dans sa dernière version saine, ou "
        "absente quand elle n’en a pas ; la quarantaine se lève d’elle-même quand le producteur corrige."
    )
    made.tables.append(
        Table(
            "Ce qui n’est pas servi tel que reçu",
            ("Jeu de données ou table", "Partition", "Statut", "Constat", "Attendu", "Depuis", "Servi à la place"),
            [
                (
                    row["table_conservee"] or row["jeu_de_donnees"],
                    *(
                        Quoted(each or "")
                        for each in (
                            row["partition"],
                            row["statut"],
                            row["constat"],
                            row["attendu"],
                            measured(row["depuis"].isoformat()),
                            _in_its_place(row),
                        )
                    ),
                )
                for row in rows
            ],
        )
    )


def _in_its_place(row: Row) -> str:
    if row["statut"].startswith("acceptée"):
        return "la version reçue"
    if row["version_servie"] is None:
        return "rien"
    if row["table_conservee"]:
        return f"publication {row['version_servie']}"
    return f"version du {measured(row['version_servie_connue_a'].isoformat())}"


def _warnings(served: Served, made: Section) -> None:
    rows = served.rows("select nom_table, nom_colonne, avertissement from meta_avertissements order by 1, 2, 3")
    at = Basis(Period.one_day(served.published_on()), "meta_avertissements")
    made.text.append(
        (at.figure(len(rows)), " avertissements accompagnent les tables ; ils valent aussi pour ce rapport.")
    )
    made.tables.append(
        Table(
            "Avertissements par table et colonne",
            ("Table", "Colonne", "Avertissement"),
            [(row["nom_table"], Quoted(row["nom_colonne"]), Quoted(row["avertissement"])) for row in rows],
        )
    )
