"""An installation without the extra says what to install, and a lake in a folder never asks for it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from dataelec_assets.commands.status import source_status
from dataelec_assets.errors import LakeError
from dataelec_assets.lake.bucket import Bucket
from dataelec_assets.run_context import RunContext
from dataelec_assets.settings import Settings


def test_without_the_extra_a_bucket_is_an_error_that_names_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "obstore", None)
    monkeypatch.setenv("DATAELEC_LAKE", "s3://seau/lac")
    ctx = RunContext(Settings(scratch=tmp_path))
    with pytest.raises(LakeError, match="s3://seau/lac is on an object store") as raised:
        source_status(ctx)
    assert "dataelec-assets[bucket]" in raised.value.advice
    with pytest.raises(LakeError):
        Bucket("gs://seau").put("clef", b"")


@pytest.mark.parametrize(
    "name", ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AZURE_STORAGE_ACCOUNT_KEY"]
)
def test_no_words_of_a_store_pass_with_a_secret_of_the_environment(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "Zk3tHe5eCr3t")
    with pytest.raises(LakeError) as raised, Bucket("s3://seau/lac")._told("clef"):
        raise OSError("the request of Zk3tHe5eCr3t was refused")
    assert str(raised.value).startswith("s3://seau/lac/clef: the request of *** was refused.")
    assert raised.value.__cause__ is None


def test_what_is_no_fault_of_the_store_is_raised_as_it_is() -> None:
    with pytest.raises(KeyError), Bucket("s3://seau/lac")._told("clef"):
        raise KeyError("a mistake of ours")
