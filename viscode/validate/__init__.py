"""Keeps the blocks that run and draw, and audits the fast engine against the reference engine.

May import: core, execution, settings.
In: Block. Out: ValidatedBlock.
"""
