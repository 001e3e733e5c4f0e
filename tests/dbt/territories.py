"""Rows of INSEE's data sets of territories, as their files hold them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

COMMUNES = "code-officiel-geographique-communes"
EVENTS = "code-officiel-geographique-mouvements"
EPCI = "intercommunalites-composition"
POPULATION = {level: f"populations-legales-{level}" for level in ("communes", "departements", "regions")}

# What is built from these data sets, with the seeds that they are checked against; by name: other tables use them.
SELECT = (
    *(f"stg_insee__{name.replace('-', '_')}" for name in (COMMUNES, EVENTS, EPCI, *POPULATION.values())),
    *("stg_ore__epci_des_communes", "int_commune_evenements", "int_commune_successeurs", "int_epci_des_communes"),
    "int_population_communes",
    *("dim_commune", "dim_departement", "dim_epci", "dim_region", "fct_population", "mart_codes_orphelins"),
    "mart_composition_epci",
    # The other facts with codes of communes.
    *("+fct_consommation_annuelle", "+fct_logement"),
)

# In the paths of the models and data tests of territories: what the faults of this subject answer for.
WORDS = (
    *("populations_legales", "code_officiel_geographique", "epci_des_communes", "int_commune_", "territoires"),
    *("intercommunalites", "composition_epci"),
    "int_population_communes",
    *("dim_commune", "dim_departement", "dim_epci", "fct_population", "codes_orphelins"),
)


def commune(edition: int, code: str, name: str, *, region: str, departement: str) -> dict[str, Any]:
    """Return a commune of the official geographic code."""
    return {
        "edition": edition,
        "typecom": "COM",
        "com": code,
        "reg": region,
        "dep": departement,
        "libelle": name,
    }


def part(edition: int, kind: str, code: str, name: str, parent: str) -> dict[str, Any]:
    """Return an associated (COMA) or delegated (COMD) commune, or a municipal arrondissement (ARM)."""
    return {"edition": edition, "typecom": kind, "com": code, "libelle": name, "comparent": parent}


def event(
    edition: int, kind: str, day: date, before: str | None, after: str | None, *, after_type: str = "COM"
) -> dict[str, Any]:
    """Return one pair of an event: a commune before (None: a creation), and what it is after (None: a suppression)."""
    return {
        "edition": edition,
        "mod": kind,
        "date_eff": day,
        "typecom_av": "COM" if before else None,
        "com_av": before,
        "libelle_av": before,
        "typecom_ap": after_type if after else None,
        "com_ap": after,
        "libelle_ap": after,
    }


def populations(
    edition: int, inhabitants: dict[tuple[str, str], dict[str, int]], *, is_old: bool
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the rows of an edition for communes, départements and régions that agree with each other.

    Args:
        edition: year of the population.
        inhabitants: municipal population by code of commune, by région and département; one in ten is counted apart.
        is_old: headers of the old generation.
    """
    regions: dict[str, list[int]] = {}
    for (region, departement), communes in inhabitants.items():
        names = {"codreg": region, "reg": f"Région {region}"} if is_old else {"reg": region, "region": "Région"}
        for code, number in communes.items():
            own = {"com": f"Commune {code}"} if is_old else {"com": code, "commune": f"Commune {code}"}
            yield (
                POPULATION["communes"],
                {"edition": edition, **names, "dep": departement, "codcom": code[2:], **own}
                | {"pmun": number, "pcap": number // 10, "ptot": number + number // 10},
            )
        total, apart = sum(communes.values()), sum(number // 10 for number in communes.values())
        # Paris, Lyon and Marseille are one commune each, of many arrondissements.
        count = len({"75056" if code.startswith("751") else code for code in communes})
        own = (
            {"coddep": departement, "dep": f"Département {departement}"}
            if is_old
            else {"dep": departement, "departement": f"Département {departement}"}
        )
        measures = {"pmun": total, "ptot": total + apart, "nbcom": count}
        yield POPULATION["departements"], {"edition": edition, **names, **own, **measures}
        regions.setdefault(region, []).extend([total, apart])
    for region, numbers in regions.items():
        total, apart = sum(numbers[::2]), sum(numbers[1::2])
        names = {"codreg": region, "reg": f"Région {region}"} if is_old else {"reg": region, "region": "Région"}
        yield POPULATION["regions"], {"edition": edition, **names, "pmun": total, "ptot": total + apart}
