"""Objects of a bucket, with conditional writes: S3 and what speaks it, Google Cloud Storage, Azure.

Endpoint and credentials come from the usual environment of each (``AWS_ENDPOINT_URL``, ``AWS_ACCESS_KEY_ID``, …) and
are read by obstore alone. What a store answers may repeat them, so its words are cleaned before anybody sees them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from dataelec_assets.errors import LakeError

SCHEMES = ("s3", "gs", "az")

# A store that throttles or restarts is back within a minute; a refresh that has waited longer is run again anyway.
_RETRIES, _RETRY_SECONDS = 6, 60
_FIRST_WAIT, _LONGEST_WAIT = timedelta(milliseconds=200), timedelta(seconds=10)
# Of one request: the largest object, half a gigabyte, arrives over a line of 16 Mbit/s.
_REQUEST, _CONNECT = "300s", "10s"

# Names of variables whose values no message may repeat.
_SECRET = re.compile(r"^(AWS|GOOGLE|GCS|AZURE)_.*(KEY|SECRET|TOKEN|SAS|CREDENTIALS|PASSWORD)|^AWS_ACCESS_KEY_ID$")
_LONGEST_REASON = 200


class Refused(Exception):
    """A conditional write found another object than was expected."""


@dataclass(frozen=True, slots=True)
class Tag:
    """Identifies what an object holds: its entity tag, and its generation where the store compares that instead."""

    e_tag: str | None
    version: str | None = None

    @classmethod
    def of(cls, answer: Any) -> Tag:
        """Return the tag in what obstore answers."""
        return cls(answer["e_tag"], answer.get("version"))


@dataclass(frozen=True, slots=True)
class Entry:
    """An object as a listing shows it."""

    key: str
    tag: Tag
    size: int
    modified: datetime


class Bucket:
    """The objects below an address such as ``s3://bucket/prefix``; keys are relative to it.

    Raises:
        LakeError: whatever the store refuses or cannot do, with what to do about it; in every method.
    """

    def __init__(self, address: str) -> None:
        self.address = address.rstrip("/")

    @cached_property
    def _store(self) -> Any:
        try:
            from obstore.store import from_url
        except ModuleNotFoundError as error:
            raise LakeError(
                f"{self.address} is on an object store, which this installation cannot reach.",
                advice="Install the extra: `pip install 'dataelec-assets[bucket]'`.",
            ) from error
        retries: Any = {
            "max_retries": _RETRIES,
            "retry_timeout": timedelta(seconds=_RETRY_SECONDS),
            "backoff": {"init_backoff": _FIRST_WAIT, "max_backoff": _LONGEST_WAIT, "base": 2},
        }
        with self._told(""):
            return from_url(
                self.address,
                retry_config=retries,
                client_options={"timeout": _REQUEST, "connect_timeout": _CONNECT, "allow_http": _is_plain()},
            )

    def read(self, key: str) -> tuple[bytes, Tag] | None:
        """Return the content of an object and its tag; None when there is none."""
        import obstore

        with self._told(key):
            try:
                answer = obstore.get(self._store, key)
                return bytes(answer.bytes()), Tag.of(answer.meta)
            except FileNotFoundError:
                return None

    def fetch(self, key: str, target: Path) -> Tag | None:
        """Write an object to a file, chunk by chunk; return its tag, or None when there is none."""
        import obstore

        with self._told(key):
            try:
                answer = obstore.get(self._store, key)
            except FileNotFoundError:
                return None
            with target.open("wb") as stream:
                for chunk in answer:
                    stream.write(chunk)
            return Tag.of(answer.meta)

    def put(self, key: str, content: bytes | Path) -> Tag:
        """Write an object, whatever is there."""
        import obstore

        with self._told(key):
            return Tag.of(obstore.put(self._store, key, content))

    def create(self, key: str, content: bytes) -> Tag:
        """Write an object where there is none.

        Raises:
            Refused: there is one.
        """
        return self._conditional(key, content, "create")

    def replace(self, key: str, content: bytes, tag: Tag) -> Tag:
        """Write an object in the place of the one with this tag.

        Raises:
            Refused: another one is there, or none.
        """
        return self._conditional(key, content, {key: value for key, value in asdict(tag).items() if value})

    def _conditional(self, key: str, content: bytes, mode: Any) -> Tag:
        import obstore
        from obstore.exceptions import AlreadyExistsError, PreconditionError

        with self._told(key):
            try:
                return Tag.of(obstore.put(self._store, key, content, mode=mode, use_multipart=False))
            except (AlreadyExistsError, PreconditionError, FileNotFoundError):
                # A request whose answer was lost is sent again, and finds what it has written itself.
                there = self.read(key)
                if there is not None and there[0] == content:
                    return there[1]
                raise Refused(key) from None

    def list(self, prefix: str) -> Iterator[Entry]:
        """Yield every object below a prefix."""
        import obstore

        with self._told(prefix):
            for chunk in obstore.list(self._store, prefix):
                for each in chunk:
                    tag = Tag(each["e_tag"], each.get("version"))
                    yield Entry(each["path"], tag, each["size"], each["last_modified"])

    def delete(self, keys: Iterable[str]) -> None:
        """Remove objects; one that is gone already is no fault."""
        import obstore

        for key in keys:
            with self._told(key):
                try:
                    obstore.delete(self._store, key)
                except FileNotFoundError:
                    continue

    def modified(self, key: str) -> datetime | None:
        """Return when the store wrote an object, by the store's clock (UTC, to the second); None without one."""
        import obstore

        with self._told(key):
            try:
                at: datetime = obstore.head(self._store, key)["last_modified"]
                return at.astimezone(UTC)
            except FileNotFoundError:
                return None

    @contextmanager
    def _told(self, key: str) -> Iterator[None]:
        """Turn what obstore raises into a fault of the lake; no words of the store pass that hold a secret."""
        try:
            yield
        except (LakeError, Refused, FileNotFoundError):
            raise
        except Exception as error:
            if type(error).__module__.split(".")[0] != "obstore" and not isinstance(error, (OSError, ValueError)):
                raise
            where = f"{self.address}/{key}" if key else self.address
            raise LakeError(f"{where}: {_reason(error)}", advice=_advice(error)) from None


def _is_plain() -> bool:
    """Return whether some endpoint is given as ``http://``, as a store on one's own machine or network is."""
    names = ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT", "AZURE_STORAGE_ENDPOINT", "AZURE_ENDPOINT")
    return any(urlsplit(os.environ.get(name, "")).scheme == "http" for name in names)


def _reason(error: Exception) -> str:
    words = " ".join(str(error).split())
    for name, value in os.environ.items():
        if value and _SECRET.search(name):
            words = words.replace(value, "***")
    words = re.sub(r"<AWSAccessKeyId>.*?</AWSAccessKeyId>", "", words)
    code = re.search(r"<Code>(\w+)</Code>", words)
    said = re.search(r"<Message>(.*?)</Message>", words)
    if code:
        return f"the store answers {code[1]}" + (f" ({said[1]})." if said else ".")
    status = re.search(r"\b([45]\d\d) [A-Z][a-z]+", words)
    short = words if len(words) <= _LONGEST_REASON else f"{words[:_LONGEST_REASON]}…"
    return f"the store answers {status[0]}." if status else f"{short}."


def _advice(error: Exception) -> str:
    words = str(error)
    kept = "What the bucket held is unchanged and stays served."
    if "NoSuchBucket" in words:
        return f"{kept} Make the bucket, or correct DATAELEC_LAKE."
    if type(error).__name__ in ("PermissionDeniedError", "UnauthenticatedError") or re.search(
        r"AccessDenied|InvalidAccessKeyId|SignatureDoesNotMatch|credential", words
    ):
        return f"{kept} Check the store's credentials in the environment (docs/howto/buckets.md), and their rights."
    return f"{kept} Check that the store answers (docs/howto/buckets.md), then run the command again."
