"""Which column of an imported file is which, and whether the file is about persons."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from dataelec_assets.catalog import slug
from dataelec_assets.errors import FileRefused
from dataelec_assets.ingest.imports.lines import Lines
from dataelec_assets.privacy.personal import PERSONAL_VALUE, is_personal_name

# In the order of the template, with what else people write above them.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "code": ("code", "code_territoire", "codgeo", "code_geo", "code_insee", "code_geographique"),
    "maille": ("maille", "niveau", "niveau_geographique"),
    "indicateur": ("indicateur", "code_indicateur", "variable"),
    "libelle": ("libelle", "libelle_indicateur", "nom_indicateur"),
    "unite": ("unite", "unite_de_mesure"),
    "nature": ("nature", "type_variable", "type_de_variable", "type_var"),
    "annee": ("annee", "an", "millesime"),
    "valeur": ("valeur", "valeurs"),
    "source": ("source", "sources"),
}

# Beyond contacts: words of a column that names or places a person.
_WORDS = frozenset(
    {
        *("nom", "noms", "prenom", "prenoms", "patronyme", "civilite", "naissance", "nir", "numero_secu"),
        *("adresse", "adresses", "rue", "voie", "domicile", "titulaire", "occupant", "locataire", "abonne", "client"),
        *("proprietaire", "contribuable", "beneficiaire", "allocataire", "personne", "phone", "tph", "gsm", "mobile"),
        *("name", "firstname", "lastname", "surname", "address", "birth", "iban"),
    }
)

# A column with one of these words is about a territory: `nom_commune`, `adresse_territoire`.
_TERRITORIAL = frozenset(
    {"commune", "communes", "territoire", "epci", "departement", "region", "maille", "indicateur", "geo", "com", "dep"}
)

# No address is shorter (`a@b.fr`).
_SHORTEST = 6

_PERSONAL = re.compile(PERSONAL_VALUE)


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the columns lie.

    Attributes:
        places: of each column of :data:`COLUMNS`.
        width: number of columns of the file.
        ignored: headers of the columns that are not loaded.
    """

    places: Mapping[str, int]
    width: int
    ignored: tuple[str, ...]


def layout_of(name: str, lines: Lines, declared: Collection[str]) -> Layout:
    """Return where the columns of a file lie.

    Args:
        name: of the file, for messages.
        lines: of the file.
        declared: names of the personal columns of the catalogue, in snake_case.

    Raises:
        FileRefused: a column is missing or there twice, or the file looks as if it were about persons: then nothing of
            it is kept, and no value is shown.
    """
    slugs = [slug(header) for header in lines.headers]
    places: dict[str, int] = {}
    for column, names in COLUMNS.items():
        found = [place for place, each in enumerate(slugs) if each in names]
        if len(found) > 1:
            raise FileRefused(
                f"{name} a plusieurs colonnes « {column} » : {', '.join(lines.headers[each] for each in found)}.",
                advice="Gardez-en une.",
            )
        if found:
            places[column] = found[0]
    others = [place for place in range(len(slugs)) if place not in places.values()]
    _refuse_persons(name, lines, [lines.headers[place] for place in others], declared)
    missing = [column for column in COLUMNS if column not in places]
    if missing:
        raise FileRefused(
            f"{name} n'a pas de colonne {', '.join(f'« {each} »' for each in missing)} ; ses en-têtes : "
            f"{', '.join(each for each in lines.headers if each) or 'aucun'}.",
            advice="Une ligne par valeur : `dataelec import-indicators --template FICHIER` en écrit un modèle.",
        )
    return Layout(places, len(slugs), tuple(lines.headers[place] for place in others if lines.headers[place]))


def _refuse_persons(name: str, lines: Lines, unknown: Iterable[str], declared: Collection[str]) -> None:
    """Refuse a file with a column that is named like one about persons, or with a contact in any cell."""
    named = [header for header in unknown if _is_about_persons(slug(header), declared)]
    holding = [
        lines.headers[place] or f"n° {place + 1}"
        for place in range(max(len(lines.headers), *(len(line.cells) for line in lines.lines)))
        if place < len(lines.headers)
        if any(
            _PERSONAL.search(text)
            for text in {line.cells[place] for line in lines.lines if place < len(line.cells)} | {lines.headers[place]}
            if len(text) >= _SHORTEST
        )
    ]
    reasons = [f"la colonne « {header} » paraît décrire des personnes" for header in named]
    reasons += [
        f"la colonne « {header} » contient une adresse électronique ou un numéro de téléphone" for header in holding
    ]
    if reasons:
        raise FileRefused(
            f"{name} est refusé en entier, rien n'en est gardé : {' ; '.join(reasons)}.",
            advice="Retirez ces colonnes : seules des valeurs par territoire sont acceptées. Le nom d'un territoire "
            "s'appelle nom_territoire (docs/confidentialite.md).",
        )


def _is_about_persons(name: str, declared: Collection[str]) -> bool:
    words = name.split("_")
    return is_personal_name(name, declared) or (not _WORDS.isdisjoint(words) and _TERRITORIAL.isdisjoint(words))
