"""Texts that strangers wrote, read: encodings, lines, Python, Markdown, notebooks.

May import: no other room.
In: bytes or str. Out: str, syntax trees, blocks of code.
"""
