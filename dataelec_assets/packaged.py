"""Files beside the Python code: at the top of a checkout, inside the package once it is installed."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from dataelec_assets.errors import SettingsError

PACKAGE = Path(str(resources.files("dataelec_assets")))

# Whether this code runs from a checkout: a wheel has its dbt project inside (pyproject.toml maps it in).
IS_INSTALLED = (PACKAGE / "dbt_project").is_dir()

DBT_PROJECT = PACKAGE / "dbt_project" if IS_INSTALLED else PACKAGE.parent / "dbt"
_TOP = PACKAGE if IS_INSTALLED else PACKAGE.parent
WORKSPACE = _TOP / "workspace.yaml"
DAGSTER_INSTANCE = _TOP / "dagster.yaml"


def repository(purpose: str) -> Path:
    """Return the top of the checkout.

    Args:
        purpose: what it is needed for, such as "add a data set".

    Raises:
        SettingsError: the package is installed: there is no repository to write to.
    """
    if IS_INSTALLED:
        raise SettingsError(
            f"Only a checkout of the repository can {purpose}; this DataElec is installed in {PACKAGE}.",
            advice="Clone the repository, run `make setup`, and run the command there.",
        )
    return PACKAGE.parent
