"""The code that Jinja makes of dbt's templates, kept beside the parse and shared by all processes.

dbt compiles the text of each node, and each macro that it calls, again in each process: an eighth of a build. The cache
of Jinja is for templates of a loader, and dbt gives it texts. The same text always makes the same code, so `compile`, a
public method of Jinja's environments, looks there first. What is kept belongs to one version of Python, Jinja and dbt.
"""

from __future__ import annotations

import marshal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import blake2b
from importlib.metadata import version
from pathlib import Path
from types import CodeType
from typing import Any
from uuid import uuid4

# Whose version shapes the code. A Python of another magic number would read another code as its own.
_COMPILERS = ("jinja2", "dbt-common")

# Bytes of a digest of a text: two never meet by chance.
_DIGEST_SIZE = 16


@contextmanager
def kept_templates(folder: Path | None, shipped: Path | None = None) -> Iterator[None]:
    """Let dbt take the code of templates from a folder for a while, and add to it what is new.

    Args:
        folder: where code is kept; nothing is added when it cannot be written to. None: it is kept in memory only.
        shipped: another folder that is read and never written to, such as that of an installed package.
    """
    from dbt_common.clients.jinja import MacroFuzzEnvironment  # the parent of all environments of dbt

    path = folder / _name() if folder is not None else None
    codes = {**_read(shipped / _name() if shipped is not None else None), **_read(path)}
    known = len(codes)
    compile_anew = MacroFuzzEnvironment.compile

    def compile_once(environment: Any, source: Any, *arguments: Any, **options: Any) -> Any:
        if arguments or options or not isinstance(source, str):  # not as Jinja's own `from_string` calls it
            return compile_anew(environment, source, *arguments, **options)
        key = blake2b(f"{type(environment).__name__}\n{source}".encode(), digest_size=_DIGEST_SIZE).digest()
        code = codes.get(key)
        if code is None:
            code = codes[key] = compile_anew(environment, source)
        return code

    setattr(MacroFuzzEnvironment, "compile", compile_once)  # noqa: B010 - mypy takes methods for constants
    try:
        yield
    finally:
        del MacroFuzzEnvironment.compile
        if path is not None and len(codes) > known:
            _write(path, codes)


def _name() -> str:
    versions = "-".join(version(each) for each in _COMPILERS)
    return f"templates-{sys.implementation.cache_tag}-{versions}.bin"


def _read(path: Path | None) -> dict[bytes, CodeType]:
    """Return the code of each text by its digest; nothing when there is no such file or it is damaged."""
    with suppress(OSError, ValueError, EOFError, TypeError):
        found = marshal.loads(path.read_bytes()) if path is not None else {}  # noqa: S302 - written by this module
        return found if isinstance(found, dict) else {}
    return {}


def _write(path: Path, codes: dict[bytes, CodeType]) -> None:
    """Put the file in place in one step; of several processes that write, the last one counts."""
    draft = path.with_name(f"{path.name}.{uuid4().hex[:8]}")
    with suppress(OSError):  # an installed package, a full disk: the next process compiles again
        draft.write_bytes(marshal.dumps(codes))
        draft.replace(path)
