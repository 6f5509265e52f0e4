"""Chart functions and the tables they draw (CoSyn-400K) -> runnable scripts.

May import: core, libraries, settings, text.
In: ChartSample. Out: Block.
"""
