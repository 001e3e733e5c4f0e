"""The drafted files: an entry that loads, YAML that dbt reads, a fixture that copies no published value."""

from __future__ import annotations

import yaml

from dataelec_assets.catalog import Dataset
from dataelec_assets.scaffold.guess import guess
from dataelec_assets.scaffold.sample import Sample
from dataelec_assets.scaffold.texts import entry_text, fixture_text, staging_yaml
from tests.scaffold.test_guess import PEAKS


def entry(sample: Sample) -> Dataset:
    namespace: dict[str, object] = {}
    text = entry_text("odre", "pic-journalier", sample, guess(sample))
    exec(compile(text, "pic_journalier.py", "exec"), namespace)  # noqa: S102 - our own text
    dataset = namespace["DATASET"]
    assert isinstance(dataset, Dataset)
    return dataset


def test_the_entry_loads_and_says_what_was_guessed() -> None:
    dataset = entry(PEAKS)
    assert (dataset.key, dataset.columns) == (guess(PEAKS).key, guess(PEAKS).columns)
    assert dataset.staged == guess(PEAKS).staged
    text = entry_text("odre", "pic-journalier", PEAKS, guess(PEAKS))
    marked = [line.split("=")[0].strip() for line in text.splitlines() if line.endswith("# guess")]
    assert marked[:4] == ["title", "publisher", "cadence", "expected_lag"]
    assert 'personal=("contact_operateur",),  # guess' in text


def test_a_yearly_entry_loads_with_the_title_of_the_portal() -> None:
    dataset = entry(Sample(("annee", "total"), (("2022", "1"), ("2023", "2")), title="Parc annuel", publisher="RTE"))
    assert (dataset.title, dataset.publisher, dataset.dated_by, dataset.key) == (
        "Parc annuel",
        "RTE",
        "annee",
        ("annee",),
    )


def test_the_yaml_checks_the_key_and_that_it_is_never_null() -> None:
    (model,) = yaml.safe_load(staging_yaml("odre", "pic-journalier", PEAKS, guess(PEAKS)))["models"]
    assert model["name"] == "stg_odre__pic_journalier"
    (check,) = model["data_tests"]
    rules = {kind: given for rule in check["controles"]["arguments"]["regles"] for kind, given in rule.items()}
    assert {kind: given["arguments"]["columns"] for kind, given in rules.items()} == {
        "never_null": ["date", "code_region"],
        "unique_combination": ["date", "code_region"],
    }
    assert [each["name"] for each in model["columns"]] == ["date", "code_region"]


def test_rows_without_a_key_have_no_check_of_it() -> None:
    sample = Sample(("jour", "valeur"), (("2024-01-01", "1"), ("2024-01-01", "1")))
    (model,) = yaml.safe_load(staging_yaml("odre", "pic-journalier", sample, guess(sample)))["models"]
    assert "data_tests" not in model
    assert model["description"].endswith("Grain : sans clé.")


def test_the_fixture_keeps_times_and_codes_and_invents_the_measures() -> None:
    assert fixture_text(PEAKS, guess(PEAKS)).splitlines() == [
        "Date;Code INSEE région;Région;Pic journalier (MW);Heure du pic",
        "2024-01-01;11;Île-de-France;100;19:00",
        "2024-01-01;84;Auvergne-Rhône-Alpes;ND;19:00",
        "2024-02-01;11;Île-de-France;102;13:00",
        "2024-02-01;84;Auvergne-Rhône-Alpes;103.5;19:00",
    ]
