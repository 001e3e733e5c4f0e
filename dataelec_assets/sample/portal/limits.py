"""``limit`` and ``offset`` of /records and of the exports."""

from __future__ import annotations

from starlette.datastructures import QueryParams

from dataelec_assets.sample.portal.replies import invalid_parameter, parameter_out_of_range

DEFAULT_LIMIT = 10
MAX_LIMIT = 100

# Measured on live portals: offset=9900&limit=100 is served, offset=10000 is refused.
MAX_WINDOW = 10_000


def read_integer(parameters: QueryParams, name: str, default: int) -> int:
    """Return an integer parameter.

    Raises:
        PortalError: 400, it is no integer.
    """
    text = parameters.get(name)
    if not text:
        return default
    try:
        return int(text)
    except ValueError:
        raise invalid_parameter(name, text, "an integer") from None


def read_page(parameters: QueryParams, *, grouped: bool, grouped_window: int) -> tuple[int, int]:
    """Return limit and offset of a page of records.

    ``limit=-1`` is the largest page. Groups have a window of their own, which differs between portals.

    Raises:
        PortalError: 400, out of range.
    """
    highest, window = (grouped_window, grouped_window) if grouped else (MAX_LIMIT, MAX_WINDOW)
    limit = read_integer(parameters, "limit", DEFAULT_LIMIT)
    offset = read_integer(parameters, "offset", 0)
    if not -1 <= limit <= highest:
        raise parameter_out_of_range("limit", limit, -1, highest)
    size = highest if limit == -1 else limit
    if not 0 <= offset <= window - size:
        raise parameter_out_of_range("offset", offset, 0, window - size)
    return size, offset


def read_export_limit(parameters: QueryParams) -> int:
    """Return the limit of an export; -1, the default, is everything.

    Raises:
        PortalError: 400, below -1.
    """
    limit = read_integer(parameters, "limit", -1)
    if limit < -1:
        raise invalid_parameter("limit", str(limit), "-1 <= limit")
    return limit
