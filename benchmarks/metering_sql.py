"""The fact and the mart of the readings, in SQL of the project: each engine gets what the macros make of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment

_DIALECT = Path(__file__).resolve().parents[1] / "dbt" / "macros" / "dialect.sql"

# Half-hours of a commune. Of a half-hour that was published twice the later value counts; an empty one stays empty.
FACT = """
with dernieres as (
    select code_commune, site, horodatage, puissance_w
    from {copie}
    qualify row_number() over (partition by site, horodatage order by publie_le desc) = 1
),

locales as (
    select code_commune, horodatage, puissance_w, {{ heure_de_paris('horodatage') }} as heure_civile
    from dernieres
)

select
    {{ mois_de('heure_civile') }} as mois,
    code_commune,
    cast(heure_civile as date) as date_locale,
    horodatage as instant_utc,
    count(*) as sites,
    count(puissance_w) as sites_mesures,
    sum(puissance_w) * 0.5 / 1000 as energie_kwh
from locales
group by code_commune, horodatage, heure_civile
"""

# Days of a commune, beside the same weekday of the week before.
MART = """
with jours as (
    select
        code_commune,
        date_locale,
        count(*) as demi_heures,
        sum(energie_kwh) as energie_kwh,
        max(energie_kwh) * 2 as pointe_kw,
        cast(sum(sites_mesures) as double) / sum(sites) as part_mesuree
    from {fait}
    group by code_commune, date_locale
)

select
    code_commune,
    date_locale,
    {{ jour_iso('date_locale') }} as jour_iso,
    cast(demi_heures as integer) as demi_heures,
    energie_kwh,
    pointe_kw,
    part_mesuree,
    lag(energie_kwh, 7) over (partition by code_commune order by date_locale) as energie_semaine_avant_kwh
from jours
"""


class _Adapter:
    """Does for the macros what dbt's adapter does: a macro's form for an engine, else the default one."""

    def __init__(self, engine: str) -> None:
        self.engine = engine
        self.macros: Any = None

    def dispatch(self, name: str, *_: str) -> Any:
        """Return the macro of this engine."""
        return getattr(self.macros, f"{self.engine}__{name}", None) or getattr(self.macros, f"default__{name}")


def rendered(sql: str, engine: str, **tables: str) -> str:
    """Return a query for an engine, ``duckdb`` or ``spark``, with the names of its tables filled in."""
    adapter = _Adapter(engine)
    environment = Environment(extensions=["jinja2.ext.do"], autoescape=False)  # noqa: S701 - SQL, not HTML
    environment.globals |= {"adapter": adapter, "return": lambda value: value}
    adapter.macros = environment.from_string(_DIALECT.read_text(encoding="utf-8")).module
    environment.globals |= {
        name: getattr(adapter.macros, name) for name in dir(adapter.macros) if not name.startswith("_")
    }
    for name, table in tables.items():
        sql = sql.replace(f"{{{name}}}", table)
    return environment.from_string(sql).render()
