"""With ``--json`` the standard output is one JSON value, of the shape that docs/reference/commands.md gives."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from dataelec_assets.cli import app
from dataelec_assets.commands import doctor
from dataelec_assets.privacy.pseudonyms import KEY_VARIABLE
from dataelec_assets.sample.generate import Summary
from tests.conftest import REPOSITORY
from tests.faults.france import GAS, SmallLake
from tests.ingest.conftest import LOADED, revise

PAGE = REPOSITORY / "docs" / "reference" / "commands.md"


def documented() -> dict[str, tuple[str, set[str]]]:
    """Return by command whether it prints an object or a list, and the keys."""
    section = PAGE.read_text(encoding="utf-8").partition("\n## JSON\n")[2].partition("\n## ")[0]
    found: dict[str, tuple[str, set[str]]] = {}
    for names, kind, keys in re.findall(r"^\| (`.*?) \| (object|list).*? \| (.*) \|$", section, re.MULTILINE):
        own = set(re.findall(r"`(\w+)`", re.sub(r"\(.*?\)", "", keys)))
        found |= dict.fromkeys(re.findall(r"`([^`]+)`", names), (kind, own))
    return found


def printed(command: str, *arguments: str, code: int = 0) -> Any:
    """Run a command with ``--json``, compare what it prints with the page, and return it."""
    done = CliRunner().invoke(app, [*command.split(), *arguments, "--json"])
    assert done.exit_code == code, done.output
    content = json.loads(done.stdout)
    kind, keys = documented()[command]
    assert isinstance(content, dict if kind == "object" else list)
    for each in content if kind == "list" else [content]:
        assert set(each) == keys
    return content


def test_every_command_with_json_is_in_the_page() -> None:
    known = {each.partition(" ")[0] for each in documented()}
    helped = {
        command.name or command.callback.__name__.replace("_", "-")
        for command in app.registered_commands
        if command.callback is not None and "as_json" in command.callback.__annotations__
    }
    assert helped == known


def test_a_lake_is_refreshed_looked_at_and_built_again_in_json(loaded: SmallLake, tmp_path: Path) -> None:
    before = loaded.paths.serving / "sources.lock"
    lock = tmp_path / "before.lock"
    lock.write_bytes(before.read_bytes())
    revise(loaded, LOADED[1], 77)
    (stale,) = [each for each in printed("refresh --dry-run", "--source", GAS) if each["reason"] == "revised"]
    assert (stale["dataset_id"], stale["partition"]) == (GAS, LOADED[1])
    done = printed("backfill", "--source", GAS, "--from", LOADED[0], "--to", LOADED[-1])
    assert [row["fetched"] for row in done["sources"]] == [1]
    assert done["publication"]["tables"]["fct_stock_gaz"] == 6
    assert datetime.fromisoformat(done["publication"]["published_at"]).tzinfo is not None
    built = printed("rebuild", "--lock", str(lock), "--to", str(tmp_path / "again"))
    assert (built["folder"], built["partitions"]) == (str(tmp_path / "again"), len(LOADED))
    assert printed("diff", str(loaded.root), str(tmp_path / "again"), code=5)
    assert printed("diff", str(loaded.root), str(loaded.root)) == []
    (row,) = [each for each in printed("status") if each["dataset_id"] == GAS]
    assert (row["rows"], row["partitions"]) == (6, 3)
    assert printed("report")["is_new"] is True
    assert printed("report")["is_new"] is False


@pytest.mark.usefixtures("bare")
def test_what_went_wrong_is_beside_the_json(bare: SmallLake) -> None:
    bare.portal.fail("status:403", dataset=GAS, kind="metadata")
    done = CliRunner().invoke(app, ["refresh", "--dry-run", "--json", "--source", GAS])
    assert (done.exit_code, json.loads(done.stdout)) == (4, [])
    assert f"{GAS}: HTTP 403" in done.stderr


def test_doctor_is_read_by_programs_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATAELEC_LAKE", str(tmp_path / "lake"))
    monkeypatch.setattr(doctor, "_diagnose_portal", lambda *_: None)
    assert {each["result"] for each in printed("doctor")} <= {"ok", "note"}


def test_smaller_commands_have_their_shape(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATAELEC_LAKE", str(tmp_path / "lake"))
    now = datetime(2024, 12, 31, tzinfo=UTC)
    summary = Summary(tmp_path, date(2024, 1, 1), date(2024, 12, 31), now, 1, ())
    monkeypatch.setattr("dataelec_assets.sample.generate", lambda *_, **__: summary)
    assert printed("sample", str(tmp_path))["first"] == "2024-01-01"
    monkeypatch.setattr("dataelec_assets.warehouse.docs_site.write_docs_site", lambda *_: tmp_path / "page.html")
    assert printed("import-indicators --list") == []
    assert printed("docs") == {"page": str(tmp_path / "page.html")}
    monkeypatch.setenv(KEY_VARIABLE, f"k1:{bytes(range(32)).hex()}")
    (tmp_path / "abonnes.csv").write_text("nom\nClaire Martin\n", encoding="utf-8")
    assert printed("pseudonymise", str(tmp_path / "abonnes.csv"), "--columns", "nom")["rows"] == 1
