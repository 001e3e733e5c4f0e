"""A server of plain files: alone, or members of a zip archive; ``HEAD``, length, ``ETag`` and ``Last-Modified``."""

from __future__ import annotations

import hashlib
import io
import zipfile
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime

from tests.stubs.replies import Refused, Reply
from tests.stubs.tables import PUBLISHED

_MEDIA_TYPES = {"zip": "application/zip", "csv": "text/csv"}


@dataclass(slots=True)
class _Address:
    """What lies at an address.

    Attributes:
        members: name -> content; a file that is no archive has one, without a name.
        datasets: ids of the data sets that it holds.
        modified: when it was last put there.
    """

    members: dict[str, bytes] = field(default_factory=dict)
    datasets: set[str] = field(default_factory=set)
    modified: datetime = PUBLISHED

    def body(self, *, is_archive: bool) -> bytes:
        """Return the bytes, the same for the same members at the same time."""
        if not is_archive:
            return self.members[""]
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in sorted(self.members.items()):
                member = zipfile.ZipInfo(name, self.modified.timetuple()[:6])
                member.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(member, content)
        return packed.getvalue()


class PlainFiles:
    """The files of one portal."""

    def __init__(self) -> None:
        self._addresses: dict[str, _Address] = {}

    def put(
        self, path: str, content: bytes, *, dataset: str, member: str = "", modified: datetime | None = None
    ) -> None:
        """Put a file, or a member of an archive, at an address.

        Args:
            path: address below the root of the portal.
            content: its bytes.
            dataset: id of the data set that it belongs to, by which faults find it.
            member: name in the archive; empty for a file.
            modified: when, UTC; None: a minute after what lay there.
        """
        is_new = path not in self._addresses
        address = self._addresses.setdefault(path, _Address())
        address.members[member] = content
        address.datasets.add(dataset)
        if modified is not None or not is_new:
            address.modified = modified or address.modified + timedelta(minutes=1)

    def content(self, path: str) -> bytes:
        """Return what lies at an address that is no archive; nothing where nothing is."""
        return self._addresses[path].members.get("", b"") if path in self._addresses else b""

    def take_out(self, path: str, member: str = "") -> None:
        """Take a file, or a member of an archive, away; an archive without members is there no more."""
        address = self._addresses[path]
        del address.members[member]
        address.modified += timedelta(minutes=1)

    def touch(self, path: str) -> None:
        """Publish the same content again: only the time moves."""
        self._addresses[path].modified += timedelta(minutes=1)

    def datasets(self, path: str) -> set[str]:
        """Return the ids of the data sets at an address."""
        return self._addresses[path].datasets if path in self._addresses else set()

    def answer(self, path: str, *, is_empty: bool) -> Reply:
        """Answer a request.

        Raises:
            Refused: there is nothing at the address.
        """
        address = self._addresses.get(path)
        if address is None or not address.members:
            raise Refused(404, f"The requested resource {path} does not exist.", "NotFoundResource")
        suffix = path.rpartition(".")[2].lower()
        body = address.body(is_archive=suffix == "zip")
        headers = {
            "ETag": f'"{hashlib.sha256(body).hexdigest()[:32]}"',
            "Last-Modified": format_datetime(address.modified, usegmt=True),
        }
        media_type = _MEDIA_TYPES.get(suffix, "application/octet-stream")
        return Reply(b"" if is_empty else body, media_type, headers=headers)
