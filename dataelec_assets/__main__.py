"""``python -m dataelec_assets`` is ``dataelec``."""

from dataelec_assets.cli import main

main()
