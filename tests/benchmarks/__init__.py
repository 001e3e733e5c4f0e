"""The benchmarks themselves are not tests; what they stand on is tested here."""
