"""Which communes' figures on homes must not be served: called by the dbt model ``int_consommation_annuelle_secrets``.

Agence ORE hides such figures itself. Files that a distributor or an authority brings in (``dataelec refresh --from``)
may not have been through its hands.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from dataelec_assets.privacy.small_cells import BY_COMPLEMENT, BY_COUNT, FEWEST, REASON, suppress

# Gas for a few homes may be shown above a « seuil-secret » in MWh (code de l'énergie, article D. 111-57): few meters
# may stand for a boiler house of many homes. The ministerial order that sets it was not read. Agence ORE shows 322 MWh
# for two meters (commune 69072, 2018), so it is lower than that.
GAS_SHOWN_ABOVE_MWH = 300.0

# A département is published on its own: less its communes that are shown, it gives the one that is not.
_TOTAL = ["code_departement", "annee", "filiere"]


def hidden_cells(cells: pa.Table) -> pa.Table:
    """Return the cells to hide, with the reason.

    Args:
        cells: one row per commune, year and network (``filiere``): ``code_commune``, ``code_departement``, ``annee``,
            ``filiere``, ``energie_mwh`` (MWh) and ``nombre_points`` of the homes; null where the publisher hid them.

    Returns:
        ``code_commune``, ``annee``, ``filiere`` and ``motif_secret``: ``effectif`` (fewer than ten delivery points) or
        ``complement`` (its neighbour in the département could be recovered by subtraction otherwise).
    """
    energy = cells.column("energie_mwh")
    # The energy is what is hidden. A figure without its number of points is shown, and neither small nor a protection.
    points = pc.if_else(pc.is_null(energy), None, pc.fill_null(cells.column("nombre_points"), 0))
    is_exempt = pc.and_(
        pc.equal(cells.column("filiere"), "Gaz"),
        pc.fill_null(pc.greater(energy, GAS_SHOWN_ABOVE_MWH), fill_value=False),
    )
    departements = pc.fill_null(cells.column("code_departement"), "")  # a join finds no null
    cells = cells.drop(["nombre_points", "code_departement"])
    cells = cells.append_column("nombre_points", points).append_column("code_departement", departements)
    cells = cells.append_column("est_exempte", is_exempt)
    is_small = pc.and_(pc.and_(pc.greater(points, 0), pc.less(points, FEWEST)), pc.invert(is_exempt))
    # Only totals with a small cell are looked at: what the publisher hid is as protected as he left it.
    concerned = cells.filter(pc.fill_null(is_small, fill_value=False)).select(_TOTAL).group_by(_TOTAL).aggregate([])
    cells = cells.join(concerned, _TOTAL, join_type="left semi")
    found = suppress(
        cells,
        key=["code_commune"],
        within=_TOTAL,
        count="nombre_points",
        hide=["energie_mwh"],
        exempt="est_exempte",
    )
    ours = found.filter(pc.is_in(found.column(REASON), pa.array([BY_COUNT, BY_COMPLEMENT])))
    return ours.select(["code_commune", "annee", "filiere", REASON]).sort_by(
        [(name, "ascending") for name in ("annee", "filiere", "code_commune")]
    )
