"""The check of the pages finds each fault that it is there for."""

from __future__ import annotations

from pathlib import Path

import pytest

from dataelec_assets.serving.report.checks import faults_of, faults_of_page

SOUND = (
    '<!DOCTYPE html><html lang="fr"><head><style>p { color: red }</style></head><body><figure>'
    '<svg xmlns="http://www.w3.org/2000/svg" aria-label="Nom"><path d="M0,0"/></svg><table></table>'
    '</figure><a href="mix.html">Mix</a><a href="#haut">Haut</a></body></html>'
)

BROKEN = {
    "la langue": SOUND.replace('lang="fr"', 'lang="en"'),
    "une adresse externe": SOUND.replace('href="mix.html"', 'href="https://exemple.fr/mix.html"'),
    "une adresse externe : //": SOUND.replace('href="mix.html"', 'href="//exemple.fr/mix.html"'),
    "une adresse externe : data": SOUND.replace("<path", '<image href="data:image/png;base64,AA"/><path'),
    "une adresse dans": SOUND.replace("<path", '<path style="fill:url(http://exemple.fr/a)"'),
    "une balise <script>": SOUND.replace("<figure>", "<script></script><figure>"),
    "une balise <link>": SOUND.replace("<style>", '<link rel="stylesheet" href="a.css"><style>'),
    "la feuille de style": SOUND.replace("color: red", "background: url(a.png)"),
    "une figure a 1 dessins et 0 tableaux": SOUND.replace("<table></table>", ""),
    "une figure a 0 dessins": SOUND.replace(SOUND[SOUND.index("<svg") : SOUND.index("<table>")], ""),
    "un graphique n’a pas de nom": SOUND.replace('aria-label="Nom"', ""),
}


def test_a_sound_page_has_no_fault() -> None:
    assert faults_of_page(SOUND) == []


def test_a_link_that_a_licence_asks_for_is_no_fault_and_an_image_from_there_is_one() -> None:
    assert faults_of_page(SOUND.replace('href="mix.html"', 'href="https://open-meteo.com/"')) == []
    image = SOUND.replace("<table>", '<img src="https://open-meteo.com/"/><table>')
    assert faults_of_page(image) == ["une adresse externe : https://open-meteo.com/"]


@pytest.mark.parametrize("fault", BROKEN)
def test_each_fault_is_found_and_named(fault: str) -> None:
    assert any(fault in each for each in faults_of_page(BROKEN[fault]))


def test_a_folder_without_its_first_page_is_faulty(tmp_path: Path) -> None:
    (tmp_path / "mix.html").write_text(SOUND, encoding="utf-8")
    assert faults_of(tmp_path) == {"index.html": ["la page manque"]}
