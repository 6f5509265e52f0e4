"""Plotting libraries: what each one is, and which of them a file draws with.

May import: core, text.
In: SourceFile, Block. Out: SelectedFile, and the mix of blocks by library.
"""
