"""A lock as an object of a bucket: held by whoever wrote it last, renewed, and taken over once its time is up.

A holder that was killed renews no more. Whether its time is up is told by the store's clock alone (when it wrote the
lease, and what time it has now): the clocks of two machines may differ. A holder that slept too long may not know yet
that it was replaced, so what it writes afterwards is refused by conditional writes (:mod:`.working_copy`), and each
lease has a number that only grows.
"""

from __future__ import annotations

import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from uuid import uuid4

from dataelec_assets.errors import BusyError, LakeError
from dataelec_assets.lake.bucket import Bucket, Refused, Tag

# How long a lease lasts without being renewed. A machine that pauses for a garbage collection or a migration is back
# sooner; whoever waits for a dead one waits this long.
DURATION = 60.0

# Between two looks at a lease that another holds, in seconds.
_LOOK = 1.0

# The store's clock counts whole seconds.
_ROUNDING = 2.0


@dataclass(frozen=True, slots=True)
class Holder:
    """What a lease holds.

    Attributes:
        number: grows by one with each holder: what a later one has written is never taken for an earlier one's.
        holder: a name that no two have.
        where: machine and process, for people.
        seconds: how long it lasts since it was last written.
        is_held: false once it was given back.
        run: the run on several machines that is named meanwhile; None: there is none.
    """

    number: int
    holder: str
    where: str
    seconds: float
    is_held: bool = True
    run: str | None = None


class Lease:
    """A lease that this process holds.

    Attributes:
        number: see :class:`Holder`; of a step that was begun under a lower one, nothing may be kept.
    """

    def __init__(self, bucket: Bucket, key: str, held: Holder, tag: Tag, began: float) -> None:
        self._bucket, self._key, self._held, self._tag = bucket, key, held, tag
        # From before the write was sent: the store's clock cannot have begun earlier.
        self._until = began + held.seconds
        self._is_lost = False
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._renew, name=f"lease {key}", daemon=True)
        self._thread.start()

    @property
    def number(self) -> int:
        """Number of this holder."""
        return self._held.number

    def check(self) -> None:
        """Make sure that the lease still holds: call it before anything that no condition protects.

        Raises:
            LakeError: it was taken over, or could not be renewed in time.
        """
        if self._is_lost or time.monotonic() >= self._until:
            raise LakeError(
                f"This run no longer holds {self._bucket.address}/{self._key}: it could not renew it in time.",
                advice="Another run may have gone on from here. Run the command again; what was written is kept.",
            )

    def _renew(self) -> None:
        while not self._ended.wait(self._held.seconds / 3):
            began = time.monotonic()
            try:
                self._tag = self._bucket.replace(self._key, _content(self._renewed()), self._tag)
            except Refused:
                self._is_lost = True
                return
            except LakeError:
                continue  # tried again at the next turn; `check` tells when it is too late
            self._until = began + self._held.seconds

    def _renewed(self) -> Holder:
        # Some stores give equal content the tag that it had: each renewal is another content.
        self._held = replace(self._held, where=_where())
        return self._held

    def release(self) -> Tag | None:
        """Give the lease back; return the tag under which it lies, or None when it was lost."""
        self._ended.set()
        self._thread.join()
        if self._is_lost:
            return None
        try:
            return self._bucket.replace(self._key, _content(replace(self._held, is_held=False)), self._tag)
        except Refused:
            return None


def _where() -> str:
    return f"{socket.gethostname()}, process {os.getpid()}, turn {uuid4().hex[:8]}"


def _content(held: Holder) -> bytes:
    return json.dumps(asdict(held), sort_keys=True).encode()


def lease_key(name: str) -> str:
    """Return the key of a lease: ``write`` and ``refresh`` are the lake's own, ``ingest/<data set>`` a data set's."""
    return f"leases/{name}.json"


def acquire(
    bucket: Bucket, name: str, *, wait_seconds: float = 0, seconds: float | None = None, run: str | None = None
) -> tuple[Lease, Tag | None]:
    """Take a lease, from nobody or from a holder whose time is up.

    Args:
        bucket: where it lies.
        name: see :func:`lease_key`; any name of letters, digits, hyphens and slashes will do.
        wait_seconds: how long to wait for another holder.
        seconds: how long it lasts without being renewed; None: ``DURATION``.
        run: what it names meanwhile, see :class:`Holder`.

    Returns:
        The lease, and the tag of what lay there before: the one that ``release`` returned means that nobody has held it
        in between.

    Raises:
        BusyError: another process holds it for longer than ``wait_seconds``.
        LakeError: the store refuses or does not answer.
    """
    key, until = lease_key(name), time.monotonic() + wait_seconds
    seconds = DURATION if seconds is None else seconds
    while True:
        there, began = bucket.read(key), time.monotonic()
        try:
            if there is None:
                held = Holder(1, uuid4().hex, _where(), seconds, run=run)
                return Lease(bucket, key, held, bucket.create(key, _content(held)), began), None
            known = _read(bucket, key, there[0])
            if not known.is_held or _is_over(bucket, key, known):
                held = Holder(known.number + 1, uuid4().hex, _where(), seconds, run=run)
                return Lease(bucket, key, held, bucket.replace(key, _content(held), there[1]), began), there[1]
        except Refused:
            continue  # somebody else was quicker: look again
        if time.monotonic() >= until:
            raise BusyError(f"{bucket.address}/{key} is held by another run ({known.where}).")
        time.sleep(min(_LOOK, max(until - time.monotonic(), 0)))


@contextmanager
def lease(
    bucket: Bucket, name: str, *, wait_seconds: float = 0, seconds: float | None = None, run: str | None = None
) -> Iterator[Lease]:
    """Hold a lease for a while; see :func:`acquire`."""
    held, _ = acquire(bucket, name, wait_seconds=wait_seconds, seconds=seconds, run=run)
    try:
        yield held
    finally:
        held.release()


def holder_of(bucket: Bucket, name: str) -> Holder | None:
    """Return who holds a lease, be it that its time is up and nobody has taken it since; None when nobody does.

    Raises:
        LakeError: the lease is damaged, or the store does not answer.
    """
    key = lease_key(name)
    there = bucket.read(key)
    known = _read(bucket, key, there[0]) if there is not None else None
    return known if known is not None and known.is_held else None


def _read(bucket: Bucket, key: str, content: bytes) -> Holder:
    try:
        return Holder(**json.loads(content))
    except (ValueError, TypeError) as error:
        raise LakeError(
            f"{bucket.address}/{key} is damaged: {error}.", advice="Delete it when no run of this lake is under way."
        ) from error


def _is_over(bucket: Bucket, key: str, known: Holder) -> bool:
    """Return whether the time of a holder is up, by the store's clock."""
    written = bucket.modified(key)
    probe = f"leases/clock-{uuid4().hex}"
    bucket.put(probe, b"")
    now = bucket.modified(probe)
    bucket.delete([probe])
    return written is not None and now is not None and (now - written).total_seconds() > known.seconds + _ROUNDING
