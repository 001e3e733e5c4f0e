"""The pages, one module each: SQL on the served tables, words in French."""
