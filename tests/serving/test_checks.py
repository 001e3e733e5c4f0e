"""The check of the pages finds each fault that it is there for."""

from __future__ import annotations

from pathlib import Path

import pytest

from dataelec_assets.serving.report.checks import faults_of, faults_of_page

DRAWING = '<script type="application/json">{"usermeta":{},"data":{"values":[{"x":1}]}}</script>'
CHART = f'<div class="chart" aria-label="Nom">{DRAWING}</div>'
SOUND = (
    '<!DOCTYPE html><html lang="fr"><head><style>p { color: red }</style><script src="rapport.js" defer></script>'
    f'</head><body><figure>{CHART}<table></table></figure><a href="mix.html">Mix</a><a href="#haut">Haut</a></body>'
    "</html>"
)
OF_THE_PAGE = "une balise <script> qui n’est ni un fichier voisin ni un dessin"

BROKEN = {
    "la langue": SOUND.replace('lang="fr"', 'lang="en"'),
    "une adresse externe": SOUND.replace('href="mix.html"', 'href="https://exemple.fr/mix.html"'),
    "une adresse externe : //": SOUND.replace('href="mix.html"', 'href="//exemple.fr/mix.html"'),
    "une adresse externe : data": SOUND.replace("<table>", '<img src="data:image/png;base64,AA"/><table>'),
    "une adresse dans": SOUND.replace("<table>", '<table style="background:url(http://exemple.fr/a)">'),
    OF_THE_PAGE: SOUND.replace("<figure>", "<script>alert()</script><figure>"),
    f"{OF_THE_PAGE} ": SOUND.replace("rapport.js", "../rapport.js"),
    f"{OF_THE_PAGE}  ": SOUND.replace('src="rapport.js"', 'type="module" src="rapport.js"'),
    f"{OF_THE_PAGE}   ": SOUND.replace("<figure>", f"{DRAWING}<figure>"),
    "une adresse externe : https": SOUND.replace("rapport.js", "https://exemple.fr/rapport.js"),
    "un dessin illisible : {x}": SOUND.replace(DRAWING, DRAWING.replace('{"usermeta"', '{x}{"usermeta"')),
    'une adresse dans un dessin : "url":"a.json"': SOUND.replace('"values":[{"x":1}]', '"url":"a.json"'),
    "une adresse dans un dessin : //exemple.fr": SOUND.replace('"x":1', '"x":"//exemple.fr"'),
    "un dessin que le script ne sait pas ajuster": SOUND.replace('"usermeta":{},', ""),
    "une balise <link>": SOUND.replace("<style>", '<link rel="stylesheet" href="a.css"><style>'),
    "la feuille de style": SOUND.replace("color: red", "background: url(a.png)"),
    "une figure a 1 dessins et 0 tableaux": SOUND.replace("<table></table>", ""),
    "une figure a 0 dessins": SOUND.replace(CHART, ""),
    "une figure a 0 dessins et 1 tableaux": SOUND.replace(DRAWING, ""),
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
    assert BROKEN[fault] != SOUND
    assert any(fault.rstrip() in each for each in faults_of_page(BROKEN[fault]))


def test_a_folder_without_its_first_page_or_a_script_is_faulty(tmp_path: Path) -> None:
    (tmp_path / "mix.html").write_text(SOUND, encoding="utf-8")
    (tmp_path / "rapport.js").touch()
    assert faults_of(tmp_path) == {"index.html": ["la page manque"]}
    (tmp_path / "rapport.js").rename(tmp_path / "index.html")
    (tmp_path / "index.html").write_text(SOUND, encoding="utf-8")
    assert faults_of(tmp_path) == {name: ["le script rapport.js manque"] for name in ("index.html", "mix.html")}
