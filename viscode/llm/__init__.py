"""Calls of language models, each paid once: OpenAI-compatible servers, batches, local weights.

May import: core, models, settings, text.
In: Request. Out: Outcome.
"""
