"""Objects, conditions and faults of a bucket, as a real S3 server answers."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dataelec_assets.errors import LakeError
from dataelec_assets.lake.bucket import Bucket, Refused
from tests.stubs.seaweed import SECRET, Seaweed
from tests.stubs.slow_store import Faults, in_front_of

pytestmark = pytest.mark.beyond


def test_an_object_is_read_listed_and_removed(bucket: Bucket, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"deux" * 3_000_000)  # of several parts
    tag = bucket.put("dossier/un", b"un")
    bucket.put("dossier/deux", tmp_path / "file")
    assert bucket.read("dossier/un") == (b"un", tag)
    assert {each.key: each.size for each in bucket.list("dossier/")} == {"dossier/un": 2, "dossier/deux": 12_000_000}
    assert bucket.fetch("dossier/deux", tmp_path / "again") is not None
    assert (tmp_path / "again").read_bytes() == (tmp_path / "file").read_bytes()
    bucket.delete(["dossier/un", "dossier/un"])
    assert bucket.read("dossier/un") is None
    assert bucket.fetch("dossier/un", tmp_path / "again") is None
    assert bucket.modified("dossier/un") is None


def test_a_condition_that_does_not_hold_is_refused_and_changes_nothing(bucket: Bucket) -> None:
    first = bucket.create("objet", b"1")
    with pytest.raises(Refused):
        bucket.create("objet", b"2")
    second = bucket.replace("objet", b"3", first)
    with pytest.raises(Refused):
        bucket.replace("objet", b"4", first)
    with pytest.raises(Refused):
        bucket.replace("absent", b"5", first)
    assert bucket.read("objet") == (b"3", second)


def test_a_request_that_was_sent_twice_finds_what_it_wrote_itself(bucket: Bucket) -> None:
    first = bucket.create("objet", b"1")
    assert bucket.create("objet", b"1") == first
    second = bucket.replace("objet", b"2", first)
    assert bucket.replace("objet", b"2", first) == second


def test_of_racing_creations_one_wins(bucket: Bucket) -> None:
    bucket.put("reveil", b"")  # the bucket is made

    def create(number: int) -> bool:
        try:
            bucket.create("objet", str(number).encode())
        except Refused:
            return False
        return True

    with ThreadPoolExecutor(20) as pool:
        assert sum(pool.map(create, range(20))) == 1


def test_a_wrong_secret_is_told_without_showing_it(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    bucket.put("objet", b"1")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "another-secret-9876543210")
    with pytest.raises(LakeError, match="SignatureDoesNotMatch") as raised:
        Bucket(bucket.address).read("objet")
    assert "credentials" in raised.value.advice
    assert "another-secret" not in str(raised.value)
    assert raised.value.__cause__ is None
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIANOBODYKNOWSME001")
    with pytest.raises(LakeError, match="InvalidAccessKeyId") as raised:
        Bucket(bucket.address).put("objet", b"2")
    assert "AKIANOBODY" not in str(raised.value)
    assert SECRET not in str(raised.value)


def test_a_store_that_answers_503_or_slowly_is_asked_again(
    bucket: Bucket, server: Seaweed, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket.put("objet", b"1")
    with in_front_of(server.endpoint, Faults(unavailable=3, seconds=0.2)) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.endpoint)
        assert Bucket(bucket.address).read("objet") is not None
        assert proxy.faults.unavailable == 0
        assert proxy.asked >= 4


def test_a_store_that_stays_away_is_told_after_a_bounded_time(
    bucket: Bucket, server: Seaweed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dataelec_assets.lake.bucket._RETRIES", 2)
    with in_front_of(server.endpoint, Faults(unavailable=100)) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.endpoint)
        with pytest.raises(LakeError, match=re.escape("503")) as raised:
            Bucket(bucket.address).put("objet", b"1")
        assert proxy.asked == 3
    assert "run the command again" in raised.value.advice


def test_a_condition_holds_through_answers_that_were_lost(
    bucket: Bucket, server: Seaweed, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = bucket.create("objet", b"1")
    with in_front_of(server.endpoint, Faults(lost=1)) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.endpoint)
        Bucket(bucket.address).replace("objet", b"2", first)
        assert proxy.faults.lost == 0
    there = bucket.read("objet")
    assert there is not None
    assert there[0] == b"2"
