"""The chief town of each metropolitan region and its coordinates: the place whose weather stands for the region."""

from __future__ import annotations

# Town, latitude and longitude (WGS 84) of its centre. A weather model answers for its own cell, of some kilometres.
CHIEF_TOWNS: dict[str, tuple[str, float, float]] = {
    "11": ("Paris", 48.8566, 2.3522),
    "24": ("Orléans", 47.9029, 1.9093),
    "27": ("Dijon", 47.3220, 5.0415),
    "28": ("Rouen", 49.4431, 1.0993),
    "32": ("Lille", 50.6292, 3.0573),
    "44": ("Strasbourg", 48.5734, 7.7521),
    "52": ("Nantes", 47.2184, -1.5536),
    "53": ("Rennes", 48.1173, -1.6778),
    "75": ("Bordeaux", 44.8378, -0.5792),
    "76": ("Toulouse", 43.6047, 1.4442),
    "84": ("Lyon", 45.7640, 4.8357),
    "93": ("Marseille", 43.2965, 5.3698),
    "94": ("Ajaccio", 41.9192, 8.7386),
}

# The département of each, as Météo-France numbers them: Corse is still one.
DEPARTMENTS: dict[str, str] = {
    "11": "75",
    "24": "45",
    "27": "21",
    "28": "76",
    "32": "59",
    "44": "67",
    "52": "44",
    "53": "35",
    "75": "33",
    "76": "31",
    "84": "69",
    "93": "13",
    "94": "20",
}
