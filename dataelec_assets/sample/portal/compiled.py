"""What compiling ODSQL yields: expressions in DuckDB SQL, and the parameters that they share."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from dataelec_assets.portals.folder.fields import Field


@dataclass(frozen=True, slots=True)
class Expression:
    """A compiled expression.

    Attributes:
        sql: DuckDB SQL; values of the request are parameters.
        type: a field type, or ``string``, ``moment`` and ``null`` for literals.
        value: the literal itself.
        aggregate: whether it aggregates rows.
    """

    sql: str
    type: str
    value: Any = None
    aggregate: bool = False


@dataclass(slots=True)
class Request:
    """What all clauses of one request share.

    Attributes:
        fields: the fields that can be named.
        timezone: zone of the rendering, of ``hour()`` and of literals without offset.
        parameters: values of the compiled SQL, by name.
    """

    fields: Mapping[str, Field]
    timezone: ZoneInfo
    parameters: dict[str, Any] = field(default_factory=dict)

    def bind(self, value: object) -> str:
        """Add a parameter and return its SQL."""
        name = f"p{len(self.parameters)}"
        self.parameters[name] = value
        return f"${name}"

    def used(self, sql: str) -> dict[str, Any] | None:
        """Return the parameters that ``sql`` names: DuckDB refuses values that nothing asks for."""
        names = set(re.findall(r"\$(p\d+)", sql))
        return {name: value for name, value in self.parameters.items() if name in names} or None

    def local(self, sql: str) -> str:
        """Return SQL for the wall time, in the zone of the request, of the UTC instant ``sql``."""
        if self.timezone.key == "UTC":
            return sql
        return f"(({sql} AT TIME ZONE 'UTC') AT TIME ZONE {self.bind(self.timezone.key)})"
