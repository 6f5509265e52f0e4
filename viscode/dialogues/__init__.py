"""Correction dialogues: the Python ones of sound form and bounded length.

May import: core, models, settings, text.
In: Dialogue. Out: Dialogue.
"""
