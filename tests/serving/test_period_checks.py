"""The reading of the pages finds each figure that does not tell its period."""

from __future__ import annotations

import pytest

from dataelec_assets.serving.report.period_checks import period_faults

TOLD = 'data-periode="2026-04-23/2026-05-22" data-jours="10/30" data-complete="non" data-source="mart_mix_periode"'
SOUND = f"""<html><body><nav>1</nav><main><section><h2>Titre</h2><p>Part : <data {TOLD}>67 %</data>, le
<time datetime="2026-05-22">22 mai 2026</time> (<span data-definition>base 18 °C</span>)</p>
<figure {TOLD}><figcaption><p>Nucléaire : <data {TOLD}>67 %</data></p><p data-cite>10 jours sur 30</p></figcaption>
<script type="application/json">67</script><table {TOLD}><tr><th>2026</th><td>67 %</td></tr></table></figure></section>
<section><ul><li data-periode="2019-01-01/2019-12-31" data-jours="365/365" data-source="t">470 TWh</li></ul></section>
</main><footer>3</footer></body></html>"""

BROKEN = {
    "un chiffre sans période dans <section><p> : Part : 67 %": SOUND.replace(
        f"<data {TOLD}>67 %</data>, le", "67 %, le"
    ),
    "un chiffre sans période dans <section><h2>": SOUND.replace("Titre", "Titre de 2026"),
    "un chiffre sans période dans <figcaption><p> : Nucléaire": SOUND.replace(
        f"Nucléaire : <data {TOLD}>67 %</data>", "Nucléaire : 67 %"
    ),
    "un chiffre sans période dans <tr><td>": SOUND.replace(f"<table {TOLD}>", "<table>"),
    "un chiffre sans période dans <figure><script>": SOUND.replace(f"<figure {TOLD}>", "<figure>"),
    "un chiffre sans période dans <ul><li>": SOUND.replace('<li data-periode="2019-01-01/2019-12-31"', "<li"),
    "une période incomplète qui ne le dit pas : 10 jours sur 30": SOUND.replace("10 jours sur 30", ""),
    "une période illisible ou sans source": SOUND.replace(' data-source="t"', ""),
    "une période illisible ou sans source : 2019": SOUND.replace("2019-01-01/2019-12-31", "2019"),
    "une période impossible": SOUND.replace("2019-01-01/2019-12-31", "2019-12-31/2019-01-01"),
    "une période dite entière à tort, ou incomplète à tort : 2019": SOUND.replace("365/365", "31/365"),
    "une période dite entière à tort, ou incomplète à tort : 2026": SOUND.replace("10/30", "30/30"),
}


def test_a_page_whose_figures_tell_their_period_has_no_fault() -> None:
    assert period_faults(SOUND) == []


@pytest.mark.parametrize("fault", BROKEN)
def test_each_fault_is_found_and_named(fault: str) -> None:
    assert BROKEN[fault] != SOUND
    assert any(each.startswith(fault) for each in period_faults(BROKEN[fault])), period_faults(BROKEN[fault])
