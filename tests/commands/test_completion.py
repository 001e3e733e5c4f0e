"""Shells complete commands, options and ids of data sets."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TRIES = (
    ["ref"],
    ["refresh", "--so"],
    ["refresh", "--source", "eco2mix-nat"],
    ["accept", "stock-"],
    ["backfill", "--to"],
)


def run(command: list[str], **environment: str) -> str:
    done = subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True, check=True)
    return done.stdout


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash")
def test_bash_proposes_what_fits(tmp_path: Path) -> None:
    program = tmp_path / "dataelec"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m dataelec_assets "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    script = ['eval "$(dataelec --show-completion)"']
    for words in TRIES:
        typed = " ".join(["dataelec", *words])
        script.append(f"COMP_WORDS=({typed}); COMP_CWORD={len(words)}; _dataelec_completion dataelec")
        script.append('echo "${COMPREPLY[@]}"')
    proposed = run(["bash", "-c", "\n".join(script)], PATH=f"{tmp_path}:{os.environ['PATH']}").splitlines()
    assert proposed == [
        "refresh",
        "--source",
        "eco2mix-national-cons-def eco2mix-national-tr",
        "stock-quotidien-stockages-gaz",
        "--to",
    ]


@pytest.mark.parametrize(("shell", "words"), [("zsh", "#compdef dataelec"), ("fish", "complete --command dataelec")])
def test_other_shells_have_a_script_and_the_same_proposals(shell: str, words: str) -> None:
    variable = "_DATAELEC_COMPLETE"
    script = "import sys; from dataelec_assets.cli import main; sys.argv[0] = 'dataelec'; main()"
    assert words in run([sys.executable, "-c", script], **{variable: f"source_{shell}"})
    asked = {"_TYPER_COMPLETE_ARGS": "dataelec refresh --source eco2mix-nat", "_TYPER_COMPLETE_FISH_ACTION": "get-args"}
    found = run([sys.executable, "-c", script], **asked, **{variable: f"complete_{shell}"})
    assert "eco2mix-national-tr" in found
    assert "eco2mix-regional-tr" not in found
