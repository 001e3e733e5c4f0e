"""The synthetic France, written as files of a folder.

The data sets that are published without a key, with the oddities of the real ones: for those who have no network and no
account, and for tests and benchmarks. Nothing in it is a measure: its files are named ``…_synthetique``, its folder
holds ``SYNTHETIC.json``, and whatever shows it must say so.
"""

from dataelec_assets.sample.generate import Summary, generate
from dataelec_assets.sample.marker import MARKER
from dataelec_assets.sample.portal_files import DatasetFile

__all__ = ["MARKER", "DatasetFile", "Summary", "generate"]
