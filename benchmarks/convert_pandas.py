"""Raw to tidy file, the way of the systems that DataElec replaces: pandas, renamed columns, to_csv."""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path

import pandas as pd

from dataelec_assets.catalog import load_catalog, slug

if __name__ == "__main__":
    dataset, target, files = load_catalog()[sys.argv[1]], sys.argv[2], sys.argv[3:]
    frames = []
    for path in files:
        if path.endswith(".json.gz"):
            with gzip.open(path, "rt", encoding="utf-8") as stream:
                frame = pd.json_normalize(json.load(stream))
            frame = frame.rename(columns=lambda name: name.removeprefix("fields."))
        else:
            frame = pd.read_csv(Path(path), sep=";", encoding="utf-8-sig")
        frames.append(frame.rename(columns=slug))
    pd.concat(frames).to_csv(target, index=False)
