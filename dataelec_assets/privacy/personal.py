"""How personal data is recognised: by the name of a column and by the form of a value.

Names of people cannot be recognised this way. The first defence is the catalogue (``Dataset.personal``): a column that
it declares is never loaded. This is the second.
"""

from __future__ import annotations

from collections.abc import Collection

# A column with one of these words in its name holds contacts, whatever stands around it (``email_operateur``).
_WORDS = frozenset({"telephone", "tel", "portable", "email", "mail", "courriel", "contact"})

# Regular expressions that Python, DuckDB and Arrow (both RE2) read alike.
EMAIL = r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}"
# Ten digits as written in France, or a number that begins with the plus of a country. Longer numbers (SIRET, PDL),
# offsets from UTC (+01:00) and the decimals of coordinates do not match.
TELEPHONE = (
    r"(^|[^0-9A-Za-z.,]|(^|[^0-9])[.,])"
    r"(\+[1-9]([ .()-]{0,2}[0-9]){7,14}|(0033 ?|0)[1-9]([ .-]?[0-9]{2}){4})($|[^0-9A-Za-z])"
)

PERSONAL_VALUE = f"{EMAIL}|{TELEPHONE}"


def is_personal_name(name: str, declared: Collection[str]) -> bool:
    """Return whether a column with this name must not be loaded.

    Args:
        name: unaccented snake_case.
        declared: names of the personal columns of the catalogue, in the same form.
    """
    return name in declared or not _WORDS.isdisjoint(name.split("_"))
