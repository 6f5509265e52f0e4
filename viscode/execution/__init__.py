"""Untrusted scripts -> verdicts, images and figure facts, in a sandbox.

May import: core, libraries, settings, text.
In: Script. Out: Execution.
"""
