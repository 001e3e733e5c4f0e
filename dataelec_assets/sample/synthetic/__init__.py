"""A small synthetic France: the data sets that are published without a key, with the oddities of the real ones.

For those who have no network and no account, and for tests and benchmarks. Nothing in it is a measure: its files are
named ``…_synthetique``, its folder holds ``SYNTHETIC.json``, and whatever shows it must say so.
"""

from dataelec_assets.sample.synthetic.generate import DatasetFile, Summary, generate
from dataelec_assets.sample.synthetic.marker import MARKER

__all__ = ["MARKER", "DatasetFile", "Summary", "generate"]
