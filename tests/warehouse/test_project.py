"""A change of anything that shapes the tables has them built again."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dataelec_assets import packaged
from dataelec_assets.warehouse import project


def test_the_digest_covers_every_package_that_models_in_python_call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    models = [path.read_text(encoding="utf-8") for path in (project.PROJECT_DIR / "models").rglob("*.py")]
    called = {name for text in models for name in re.findall(r"from dataelec_assets\.(\w+)", text)}
    assert called == {"analysis", "privacy"}
    before = project.project_digest()
    for name in sorted(called):
        changed = tmp_path / name
        changed.mkdir()
        (changed / "model.py").write_text("# another computation", encoding="utf-8")
        folders = [changed if each.name == name else each for each in project._CALLED_DIRS]
        monkeypatch.setattr(project, "_CALLED_DIRS", folders)
        assert project.project_digest() != before
        monkeypatch.undo()
    assert tuple(packaged.PACKAGE / name for name in sorted(called)) == project._CALLED_DIRS
