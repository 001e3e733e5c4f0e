"""The typology: groups of communes and of intercommunalités that resemble one another, and where they are."""

from __future__ import annotations

from functools import partial

from dataelec_assets.serving.report import theme
from dataelec_assets.serving.report.charts import bars, stacked
from dataelec_assets.serving.report.components import Chart, Page, Section, Table, section
from dataelec_assets.serving.report.figures import Basis, Quoted
from dataelec_assets.serving.report.french import number
from dataelec_assets.serving.report.periods import Period, whole
from dataelec_assets.serving.report.reading import Row, Served, Unavailable

_GRAINS = (("commune", "Les communes"), ("epci", "Les intercommunalités"))
_SOURCE = "mart_typologie_groupes"

# One colour for each type, told apart as those of the régions are.
_COLOURS = [theme.REGIONS[code][0] for code in ("11", "75", "28", "24", "32", "52", "44", "53")]


def page(served: Served) -> Page:
    """Return the page of the typology."""
    return Page(
        "typologie",
        "Typologie des territoires",
        "Des groupes de communes et d’intercommunalités qui se ressemblent par leur population, leurs logements et "
        "leur consommation. Un type décrit ; il n’explique ni ne classe.",
        [
            *(section(grain, title, partial(_grain, served, grain)) for grain, title in _GRAINS),
            section("choix", "Combien de types, et pourquoi", partial(_choices, served)),
        ],
    )


def _basis(served: Served, grain: str, source: str = _SOURCE) -> Basis:
    """Return the years of the indicators that make the types of a grain."""
    rows = served.rows(
        "select distinct annee from mart_typologie_modele where maille = ? and est_retenu and annee is not null",
        [grain],
    )
    return Basis(whole(Period.year(row["annee"]) for row in rows), source)


def _require_types(served: Served, grain: str) -> None:
    """Stop with the reason of most territories when none of a grain has a type.

    Raises:
        Unavailable: none has one.
    """
    row = served.row(
        """
        select count(groupe) as types, mode(motif) as motif from mart_typologie_territoires
        where maille = ? having count(*) > 0
        """,
        [grain],
    )
    if not row["types"]:
        raise Unavailable(f"Aucun type n’est donné : {row['motif']}.")


def _grain(served: Served, grain: str, made: Section) -> None:
    _require_types(served, grain)
    rows = served.rows(
        """
        select g.groupe, g.libelle_groupe as nom, g.nombre_territoires as nombre, g.rang_distinctif as rang,
            g.ecart_a_la_moyenne as ecart, g.valeur_centrale as valeur, g.unite,
            coalesce(i.libelle, g.code_indicateur) || coalesce(' (' || g.sous_champ || ')', '') as indicateur
        from mart_typologie_groupes as g left join dim_indicateur as i using (code_indicateur)
        where g.maille = ? order by g.groupe, g.rang_distinctif
        """,
        [grain],
    )
    at = _basis(served, grain)
    groups: dict[int, list[Row]] = {}
    for row in rows:
        groups.setdefault(row["groupe"], []).append(row)
    made.charts.append(_sizes(grain, groups, at))
    made.charts.extend(_profile(grain, each, at) for each in groups.values())
    made.charts.append(_places(served, grain, groups))


def _name(row: Row) -> str:
    return f"{row['groupe']}. {str(row['nom']).capitalize()}"


def _sizes(grain: str, groups: dict[int, list[Row]], at: Basis) -> Chart:
    firsts = [each[0] for each in groups.values()]
    total = sum(row["nombre"] for row in firsts)
    drawn = [
        {"nom": _name(r), "valeur": r["nombre"], "texte": number(r["nombre"]), "couleur": _colour(r["groupe"])}
        for r in firsts
    ]
    return Chart(
        f"types-{grain}",
        "Combien de territoires dans chaque type",
        (
            *(at.figure(len(firsts)), " types pour ", at.figure(total), " territoires. Le plus nombreux : "),
            *(Quoted(firsts[0]["nom"]), " (", at.figure(100 * firsts[0]["nombre"] / total, 0, "%"), ")."),
        ),
        bars(drawn, "Territoires", form=",.0f") if len(firsts) > 1 else None,
        Table(
            "Types",
            ("Type", "Territoires", "Part"),
            [(_name(r), at.figure(r["nombre"]), at.figure(100 * r["nombre"] / total, 0, "%")) for r in firsts],
        ),
        missing="Un seul type : rien n’est comparé.",
    )


def _colour(group: int) -> str:
    return _COLOURS[(group - 1) % len(_COLOURS)]


def _profile(grain: str, rows: list[Row], at: Basis) -> Chart:
    first = rows[0]
    drawn = [
        {
            "nom": row["indicateur"],
            "valeur": row["ecart"],
            "texte": f"{number(row['valeur'], 0, row['unite'])} ({number(row['ecart'], 1)} écart type)",
            "couleur": _colour(row["groupe"]),
        }
        for row in rows
    ]
    return Chart(
        f"profil-{grain}-{first['groupe']}",
        Quoted(_name(first)),
        ("Ce qui distingue ce type de la moyenne, en écarts types : ", Quoted(first["indicateur"]), " d’abord."),
        bars(drawn, "Écart à la moyenne (écarts types)") if len(drawn) > 1 else None,
        Table(
            "Valeurs centrales du type",
            ("Indicateur", "Valeur centrale", "Écart à la moyenne"),
            [
                (row["indicateur"], at.figure(row["valeur"], 1, row["unite"]), at.figure(row["ecart"], 2))
                for row in rows
            ],
        ),
        is_half=True,
        missing="Un seul indicateur : le tableau suffit.",
    )


def _places(served: Served, grain: str, groups: dict[int, list[Row]]) -> Chart:
    rows = served.rows(
        """
        select r.nom_region as groupe, l.groupe as serie, l.part_pct as part, l.nombre_territoires as nombre
        from mart_typologie_localisation as l inner join dim_region as r on l.code_lieu = r.code_region
        where l.maille = ? and l.niveau = 'region' order by strip_accents(r.nom_region), l.groupe
        """,
        [grain],
    )
    at = _basis(served, grain, "mart_typologie_localisation")
    names = {str(group): _name(each[0]) for group, each in groups.items()}
    found = {(row["groupe"], row["serie"]): row["part"] for row in rows}
    places = list(dict.fromkeys(row["groupe"] for row in rows))
    drawn = [{**row, "serie": str(row["serie"]), "texte": number(row["part"], 0, "%")} for row in rows]
    return Chart(
        f"types-regions-{grain}",
        "Les types dans chaque région",
        ("Part des territoires de chaque type, parmi ceux de la région qui en ont un."),
        stacked(
            drawn,
            {str(group): _colour(group) for group in groups},
            names,
            tops=places,
            title="Part des territoires (%)",
        )
        if len(places) > 1
        else None,
        Table(
            "Types par région, en part des territoires",
            ("Région", *names.values()),
            [(place, *(at.figure(found.get((place, group), 0.0), 0, "%") for group in groups)) for place in places],
        ),
        missing="Une seule région : rien n’est comparé.",
    )


def _choices(served: Served, made: Section) -> None:
    rows = served.rows("from mart_typologie_choix order by maille, nombre_groupes")
    made.text.append(
        "Plusieurs nombres de types sont essayés. Est retenu celui dont les groupes sont les plus distincts "
        "(silhouette), mieux qu’au hasard, et qui reviennent presque les mêmes quand on retire des territoires "
        "(accord)."
    )
    for grain, title in _GRAINS:
        found = [row for row in rows if row["maille"] == grain]
        if not found:
            continue
        at = _basis(served, grain, "mart_typologie_choix")
        made.tables.append(
            Table(
                f"{title} : nombres de types essayés",
                ("Types", "Silhouette", "Au hasard", "Accord", "Plus petit type", "Retenu", "Pourquoi"),
                [
                    (
                        str(row["nombre_groupes"]),
                        at.figure(row["silhouette"], 2),
                        at.figure(row["silhouette_hasard"], 2),
                        at.figure(row["accord_rand"], 2),
                        at.figure(row["plus_petit_groupe"]),
                        "oui" if row["est_retenu"] else "non",
                        Quoted(row["motif"] or ""),
                    )
                    for row in found
                ],
            )
        )
