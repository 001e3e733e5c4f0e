"""How large a publisher's data may be: far above what is published, far below what harms the machine.

The message of a source that exceeds a limit gives the limit and what was found.
"""

# Bytes of an unpacked file: the largest of the catalogue, the census of dwellings, has about 5 GB.
LARGEST_BODY = 16 * 1024**3

# Bytes of a reply that is held in memory: 20,000 groups of a portal, the most it gives, or a page of data-fair, the
# widest set included, take less than 20 MB.
LARGEST_REPLY = 64 * 1024**2

# Ratio of unpacked to packed bytes, checked beyond LARGEST_REPLY: published files shrink 4 to 10 times, a table of
# empty columns 50 times, a file made to fill a disk 1,000 times.
LARGEST_RATIO = 200

# Members of an archive: INSEE's have up to ten, RTE's one.
MOST_MEMBERS = 1_000

# Bytes of a line, which DuckDB holds in memory: the longest seen has 20 kB. A quote that is never closed turns the rest
# of the file into one line.
LONGEST_LINE = 2 * 1024**2

# Bytes of the line of headers, and names in it: the widest seen has 204 columns (Météo-France) in 3 kB.
LONGEST_HEADER, MOST_COLUMNS = 64 * 1024, 2_000
