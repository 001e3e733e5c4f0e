"""Speed and memory, as ratios in one run against named references (`make bench`)."""
