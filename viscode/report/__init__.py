"""Metrics and tables of a run -> the paper's tables and figures, and pages to browse.

May import: bench, core, libraries, text.
In: metrics/ and the tables under data/. Out: metrics/report/, report/.
"""
