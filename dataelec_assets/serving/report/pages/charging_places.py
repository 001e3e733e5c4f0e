"""Charging points by place: arrondissements of Paris, points to check, départements of France."""

from __future__ import annotations

from dataelec_assets.serving.report import theme
from dataelec_assets.serving.report.charts import bars
from dataelec_assets.serving.report.components import Chart, Table
from dataelec_assets.serving.report.figures import Basis, Fixed, Quoted, on
from dataelec_assets.serving.report.french import number
from dataelec_assets.serving.report.maps import france
from dataelec_assets.serving.report.periods import Period
from dataelec_assets.serving.report.reading import Served


def district(code: str | None) -> str:
    """Return ``11e`` for the code of an arrondissement of Paris; the code of anything else."""
    if not code:
        return "n.d."
    if code.startswith("751"):
        return f"{int(code[3:])}{'er' if code == '75101' else 'e'}"
    return code


def districts(served: Served) -> Chart:
    """Return how full and how available the points of each arrondissement of Paris are."""
    rows = served.rows(
        """
        select code, max(nombre_points) as points,
            100 * sum(minutes_occupees order by heure_utc) / sum(minutes_observees order by heure_utc) as taux,
            100 * sum(minutes_observees order by heure_utc)
                / sum(minutes_observees + minutes_hors_service + minutes_inconnues order by heure_utc) as service,
            min(cast(timezone('Europe/Paris', heure_utc) as date)) as debut,
            max(cast(timezone('Europe/Paris', heure_utc) as date)) as fin,
            count(distinct cast(timezone('Europe/Paris', heure_utc) as date)) as jours
        from mart_occupation_horaire where maille = 'arrondissement' group by 1
        having sum(minutes_observees) > 0 order by taux desc, code
        """
    )
    first = rows[0]
    at = Basis(
        Period.between(
            min(row["debut"] for row in rows), max(row["fin"] for row in rows), max(row["jours"] for row in rows)
        ),
        "mart_occupation_horaire",
    )
    drawn = [
        {"nom": district(row["code"]), "valeur": row["taux"], "texte": f"{number(row['taux'], 0, '%')} d’occupation"}
        for row in rows
    ]
    return Chart(
        "occupation-arrondissements",
        "Occupation des points de charge, par arrondissement",
        ("Le plus occupé : ", Fixed(district(first["code"])), " (", at.figure(first["taux"], 0, "%"), ")."),
        bars(drawn, "% du temps", form=",.0f") if len(rows) > 1 else None,
        Table(
            "Occupation et disponibilité par arrondissement",
            ("Arrondissement", "Points", "Occupation", "En service"),
            [
                (
                    district(row["code"]),
                    at.figure(row["points"]),
                    at.figure(row["taux"], 0, "%"),
                    at.figure(row["service"], 0, "%"),
                )
                for row in rows
            ],
        ),
        missing="Un seul arrondissement est observé : rien n’est comparé.",
        note="En service : part du temps où un point n’est ni hors service ni dans un état inconnu.",
    )


def to_check(served: Served) -> Chart:
    """Return the points whose state says that somebody should look at them."""
    rows = served.rows(
        """
        select id_pdc, id_station, code_arrondissement, motif, depuis, dernier_releve_a, duree_h / 24 as jours
        from mart_bornes_a_verifier order by motif, duree_h desc, id_pdc
        """
    )
    at = Basis(Period.one_day(max(row["dernier_releve_a"] for row in rows).date()), "mart_bornes_a_verifier")
    counts: dict[str, int] = {}
    for row in rows:
        counts[row["motif"]] = counts.get(row["motif"], 0) + 1
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    drawn = [
        {
            "nom": name.capitalize(),
            "valeur": count,
            "texte": number(count),
            "couleur": theme.WARM[0] if name == "hors service" else theme.MUTED[0],
        }
        for name, count in ordered
    ]
    return Chart(
        "bornes-a-verifier",
        "Points de charge à vérifier, par motif",
        (
            at.figure(len(rows)),
            " points à vérifier : hors service depuis longtemps, état inconnu, ou état qui ne change plus.",
        ),
        bars(drawn, "Points de charge", form=",.0f") if len(drawn) > 1 else None,
        Table(
            "Points à vérifier",
            ("Point", "Arrondissement", "Motif", "Depuis le", "Durée"),
            [
                (
                    row["id_pdc"],
                    Fixed(district(row["code_arrondissement"])),
                    Quoted(row["motif"]),
                    on(row["depuis"].date()) if row["depuis"] else "n.d.",
                    at.figure(row["jours"], 0, "j"),
                )
                for row in rows
            ],
        ),
        missing="Un seul motif : le tableau suffit.",
    )


def everywhere(served: Served) -> list[Chart]:
    """Return the points per inhabitant of each département, and the powers that they have."""
    return [_map(served), _powers(served)]


def _map(served: Served) -> Chart:
    rows = served.rows(
        """
        with points as (
            select i.code_territoire as code, d.nom_departement as nom, i.annee, i.valeur
            from mart_indicateur_compare as i inner join dim_departement as d on i.code_territoire = d.code_departement
            where i.code_indicateur = 'points_de_recharge_par_10000_hab' and i.maille = 'departement'
                and i.sous_champ is null and i.valeur is not null
        )

        from points where annee = (select max(annee) from points) order by valeur desc, nom
        """
    )
    at = Basis(Period.year(rows[0]["annee"]), "mart_indicateur_compare")
    texts = {row["code"]: f"{row['nom']} : {number(row['valeur'], 1)} points pour 10 000 habitants" for row in rows}
    return Chart(
        "carte-bornes",
        ("Points de charge pour ", Fixed("10 000"), " habitants"),
        (
            *(f"{rows[0]['nom']} : ", at.figure(rows[0]["valeur"], 1)),
            *((f" ; {rows[-1]['nom']} : ", at.figure(rows[-1]["valeur"], 1)) if len(rows) > 1 else ()),
            ".",
        ),
        france("departements", {row["code"]: row["valeur"] for row in rows}, texts, "") if len(rows) > 1 else None,
        Table(
            "Points de charge par département",
            ("Département", "Pour 10 000 habitants"),
            [(f"{row['nom']} ({row['code']})", at.figure(row["valeur"], 1)) for row in rows],
        ),
        is_map=True,
        missing="Un seul département a une valeur : rien n’est comparé.",
        note="D’après la base nationale des infrastructures de recharge ; un point sans commune n’y est pas compté.",
    )


# What drivers call slow, ordinary and fast; the bounds are those of the French rules on charging points (décret
# 2017-26: normal up to 22 kW, high power above) and of the plugs that homes have (7.4 kW).
_POWERS = (
    (7.4, "Jusqu’à 7,4 kW"),
    (22, "Plus de 7,4 à 22 kW"),
    (50, "Plus de 22 à 50 kW"),
    (float("inf"), "Plus de 50 kW"),
)


def _powers(served: Served) -> Chart:
    rows = served.rows(
        """
        select puissance_nominale_kw as kw, count(*) as points from dim_point_de_charge
        where puissance_nominale_kw is not null group by 1 order by 1
        """
    )
    at = Basis(Period.one_day(served.published_on()), "dim_point_de_charge")
    total = sum(row["points"] for row in rows)
    counts = dict.fromkeys((name for _, name in _POWERS), 0)
    for row in rows:
        counts[next(name for bound, name in _POWERS if row["kw"] <= bound)] += row["points"]
    drawn = [{"nom": name, "valeur": count, "texte": number(count)} for name, count in counts.items()]
    fast = 100 * (total - counts[_POWERS[0][1]] - counts[_POWERS[1][1]]) / total
    return Chart(
        "puissances",
        "Points de charge selon leur puissance",
        (at.figure(fast, 0, "%"), " des points dépassent ", Fixed("22 kW"), "."),
        bars(drawn, "Points de charge", form=",.0f"),
        Table(
            "Points de charge par puissance",
            ("Puissance", "Points", "Part"),
            [(name, at.figure(count), at.figure(100 * count / total, 1, "%")) for name, count in counts.items()],
        ),
    )
