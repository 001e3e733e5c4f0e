"""A file whose content has not moved is taken over from the former folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from dataelec_assets.serving.report.territories.folder import Folder


def filled(path: Path, former: Path, content: object, makers: str = "code") -> Folder:
    folder = Folder(path, former, makers)
    folder.put("a.html", content, lambda key: f'<p data-empreinte="{key}">{content}</p>')
    return folder


def test_equal_content_keeps_the_file_and_other_content_writes_it(tmp_path: Path) -> None:
    first, second, third = (tmp_path / name for name in ("first", "second", "third"))
    assert filled(first, tmp_path / "none", 1).done.written == ("a.html",)
    kept = filled(second, first, 1).done
    assert (kept.written, kept.kept) == ((), 1)
    assert (second / "a.html").stat().st_mtime_ns == (first / "a.html").stat().st_mtime_ns
    assert filled(third, second, 2).done.written == ("a.html",)


def test_another_code_writes_every_file_again(tmp_path: Path) -> None:
    filled(tmp_path / "first", tmp_path / "none", 1)
    assert filled(tmp_path / "second", tmp_path / "first", 1, makers="other code").done.written == ("a.html",)


def test_a_file_system_without_hard_links_gets_a_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError("no hard links here")

    filled(tmp_path / "first", tmp_path / "none", 1)
    monkeypatch.setattr("os.link", refuse)
    assert filled(tmp_path / "second", tmp_path / "first", 1).done.kept == 1
    assert (tmp_path / "second" / "a.html").read_bytes() == (tmp_path / "first" / "a.html").read_bytes()
