"""The file that marks a folder as synthetic, and tells which code wrote it."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path

from dataelec_assets.sample.timeline import Horizon

MARKER = "SYNTHETIC.json"
NOTE = "Données synthétiques : aucune valeur n'est une mesure. Ne pas publier, ne pas citer."


def write_marker(folder: Path, horizon: Horizon, seed: int) -> None:
    """Write the marker of a folder that is about to be filled."""
    content = {
        "synthetic": True,
        "generator": "dataelec_assets.sample",
        "generator_digest": generator_digest(),
        "seed": seed,
        "start": horizon.start.isoformat(),
        "end": horizon.today.isoformat(),
        "now": horizon.now.isoformat(),
        "note": NOTE,
    }
    (folder / MARKER).write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def is_current(folder: Path) -> bool:
    """Return whether ``folder`` holds a synthetic France that this very code wrote."""
    marker = folder / MARKER
    if not marker.is_file():
        return False
    try:
        content = json.loads(marker.read_text("utf-8"))
    except ValueError:
        return False
    return isinstance(content, dict) and content.get("generator_digest") == generator_digest()


@cache
def generator_digest() -> str:
    """Return a digest of the generator's code: another code may write other data sets, or other values."""
    digest = hashlib.sha256()
    for module in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(module.name.encode() + b"\0" + module.read_bytes())
    return digest.hexdigest()[:16]
