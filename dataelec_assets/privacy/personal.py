"""How personal data is recognised: by the name of a column, by the look of a value.

Nobody's name can be recognised so. The first defence is the catalogue (``Dataset.personal``), which never loads such a
column; this is the second.
"""

from __future__ import annotations

import re
from collections.abc import Collection

# A column of which one word is among these holds contacts, whatever stands around it (``email_operateur``).
_WORDS = frozenset({"telephone", "tel", "portable", "email", "mail", "courriel", "contact"})

# Regular expressions that Python and DuckDB (RE2) read alike.
EMAIL = r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}"
# Ten digits as they are written in France, or a number that begins with the plus of a country; longer ones (SIRET, PDL)
# and offsets from UTC (+01:00) are none, nor are the decimals of a coordinate.
TELEPHONE = (
    r"(^|[^0-9A-Za-z.,]|(^|[^0-9])[.,])"
    r"(\+[1-9]([ .()-]{0,2}[0-9]){7,14}|(0033 ?|0)[1-9]([ .-]?[0-9]{2}){4})($|[^0-9A-Za-z])"
)

PERSONAL_VALUE = f"{EMAIL}|{TELEPHONE}"

_PERSONAL_VALUE = re.compile(PERSONAL_VALUE)


def is_personal_name(name: str, declared: Collection[str]) -> bool:
    """Return whether a column of this name may not be loaded.

    Args:
        name: unaccented snake_case.
        declared: names of the personal columns of the catalogue, in the same form.
    """
    return name in declared or not _WORDS.isdisjoint(name.split("_"))


def looks_personal(value: str) -> bool:
    """Return whether a text holds an e-mail address or a French telephone number.

    >>> looks_personal("joindre Mme Martin au 06 12 34 56 78")
    True
    >>> looks_personal("FRV75EPX114054 - 552 081 317 00018")
    False
    """
    return _PERSONAL_VALUE.search(value) is not None
