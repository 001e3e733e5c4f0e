"""The first page: key facts, freshness, known limits."""

from __future__ import annotations

from dataelec_assets.serving.report.components import Page, Section, Table, attempt, section
from dataelec_assets.serving.report.french import interval, measured, number, year
from dataelec_assets.serving.report.pages import consumption, mix
from dataelec_assets.serving.report.reading import Row, Served, Unavailable


def page(served: Served) -> Page:
    """Return the overview."""
    return Page(
        "index",
        "Électricité, gaz et météo en France",
        "Ce que disent les données publiées par les gestionnaires de réseaux : combien la France consomme, comment "
        "elle produit, ce que coûte un degré de froid, et ce qui est attendu demain.",
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
    made.figures.append(consumption.monthly_figure(served, "FR", is_half=True))


def _last_days(served: Served, made: Section) -> None:
    made.figures.append(mix.last_days_figure(served, "FR"))


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
        "Chaque chiffre vient d’une table du fichier servi ; les pages suivantes donnent l’incertitude, la méthode et "
        "les limites."
    )


def _used(served: Served) -> tuple[str, str, str]:
    row = served.row(
        """
        select year(date_locale) as annee, sum(energie_electricite_mwh order by date_locale, heure_locale) / 1e6 as twh
        from fct_consommation_nationale group by 1 having count(distinct date_locale) >= 365 order by 1 desc limit 1
        """
    )
    return f"{number(row['twh'], 1, 'TWh')}", f"d’électricité consommée en {row['annee']}", "consommation.html"


def _carbon(served: Served) -> tuple[str, str, str]:
    row = served.row(
        """
        select debut, est_complete, part_bas_carbone_pct as part, taux_co2_g_par_kwh as co2 from mart_mix_bilan_periode
        where maille = 'nation' and type_periode = 'annee' and part_bas_carbone_pct is not null
        order by est_complete desc, debut desc limit 1
        """
    )
    words = year(row["debut"], is_whole=row["est_complete"])
    co2 = f" ({number(row['co2'], 0)} g de CO2 par kWh)" if row["co2"] is not None else ""
    return number(row["part"], 1, "%"), f"de production bas carbone en {words}{co2}", "mix.html"


def _gradient(served: Served) -> tuple[str, str, str]:
    row = served.row(
        """
        select gradient_chauffage_mw_par_c as g, gradient_chauffage_ic95_bas_mw_par_c as bas,
            gradient_chauffage_ic95_haut_mw_par_c as haut, seuil_chauffage_c as seuil
        from mart_thermosensibilite
        where maille = 'nation' and energie = 'electricite' and periode = 'ensemble' and est_fiable
        """
    )
    threshold, range_ = number(row["seuil"], 1, "°C"), interval(row["bas"], row["haut"])
    words = f"de plus par degré de moins sous {threshold} (intervalle à 95 % : {range_})"
    return number(row["g"], 0, "MW/°C"), words, "sensibilite.html"


def _skill(served: Served) -> tuple[str, str, str]:
    row = served.row(
        """
        select s.mape_pct as mape, s.meteo from mart_prevision_scores as s
        inner join mart_prevision_modele as m using (maille, code_territoire, pas, modele, meteo)
        where s.maille = 'nation' and s.pas = 'jour' and s.decoupe = 'ensemble' and m.est_publie and s.horizon_jours = 1
            and s.mape_pct is not null
        order by s.mape_pct limit 1
        """
    )
    return (
        number(row["mape"], 1, "%"),
        "d’erreur moyenne de la prévision du lendemain (énergie du jour)",
        "prevision.html",
    )


def _gas(served: Served) -> tuple[str, str, str]:
    row = served.row(
        "select date, stock_gwh / 1000 as twh from mart_stock_gaz_national where est_complet order by 1 desc limit 1"
    )
    return number(row["twh"], 1, "TWh"), f"de gaz en stock au {measured(row['date'].isoformat())}", "gaz.html"


def _freshness(served: Served, made: Section) -> None:
    rows = served.rows(
        "select titre, producteur, licence, lignes, derniere_mesure, statut from meta_sources order by "
        "portail, jeu_de_donnees"
    )
    current = [row for row in rows if row["statut"] == "à jour"]
    # An optional source that is off needs no attention.
    late = [row for row in rows if row["statut"] not in ("à jour", "sans clé", "non demandée")]
    made.text.append(
        f"{len(rows)} jeux de données, dont {len(current)} à jour à la publication. "
        "La commande « dataelec status » donne l’état actuel."
    )
    if late:
        made.text.append("À surveiller : " + " ; ".join(f"{row['titre']} ({row['statut']})" for row in late) + ".")
    made.tables.append(
        Table(
            "Sources : dernière mesure et statut à la publication",
            ("Jeu de données", "Producteur", "Dernière mesure", "Statut", "Lignes", "Licence"),
            [
                (
                    r["titre"],
                    r["producteur"],
                    measured(r["derniere_mesure"]),
                    r["statut"],
                    number(r["lignes"]),
                    r["licence"],
                )
                for r in rows
            ],
            words=frozenset({1, 2, 3, 5}),
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
                    row["partition"] or "",
                    row["statut"],
                    row["constat"],
                    row["attendu"] or "",
                    measured(row["depuis"].isoformat()),
                    _in_its_place(row),
                )
                for row in rows
            ],
            words=frozenset(range(1, 7)),
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
    made.text.append(f"{len(rows)} avertissements accompagnent les tables ; ils valent aussi pour ce rapport.")
    made.tables.append(
        Table(
            "Avertissements par table et colonne",
            ("Table", "Colonne", "Avertissement"),
            [(row["nom_table"], row["nom_colonne"], row["avertissement"]) for row in rows],
            words=frozenset({1, 2}),
        )
    )
