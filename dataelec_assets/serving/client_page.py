"""The reference of the Python client, from its docstrings."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

from dataelec_assets import client

_HEAD = """\
<!-- Generated from dataelec_assets/client.py by `make generate`: do not edit. -->
# The Python client

"""


def client_page() -> str:
    """Return the page, as Markdown."""
    return _HEAD + "\n\n".join([_module(), *_classes()]) + "\n"


def _module() -> str:
    text = inspect.getdoc(client) or ""
    first, _, rest = text.partition("\n\n")
    example, _, about = rest.partition("\n\nIt needs")
    return f"{first}\n\n```python\n{inspect.cleandoc(example)}\n```\n\nIt needs{about}"


def _classes() -> Iterator[str]:
    for each in (client.Client, client.Territory, client.Publication, client.ApiError, client.PublicationReplaced):
        yield f"## `{each.__name__}`\n\n{_text(each)}"
        for name, method in inspect.getmembers(each, inspect.isfunction):
            if not name.startswith("_") and each is client.Client:
                yield f"### `{name}{_signature(method)}`\n\n{_text(method)}"


def _signature(method: object) -> str:
    text = str(inspect.signature(method))  # type: ignore[arg-type] # a function, as getmembers has chosen
    return text.replace("self, ", "").replace("self", "").replace("'", "")


def _text(documented: object) -> str:
    """Return a docstring as Markdown: its sections become lists."""
    lines = []
    section = False
    for line in (inspect.getdoc(documented) or "").replace("``", "`").splitlines():
        if line in {"Args:", "Attributes:", "Raises:"}:
            section = True
            lines.append(f"*{line.removesuffix(':')}*")
            lines.append("")
        elif section and line.startswith("    ") and not line.startswith("     "):
            name, _, text = line.strip().partition(": ")
            lines.append(f"- `{name}`: {text}")
        else:
            section = section and bool(line)
            lines.append(line)
    return "\n".join(lines).replace(":class:", "")
