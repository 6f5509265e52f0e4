"""Base models and tokenizers from a package, the hub, a folder or a GGUF file, and GGUF export.

May import: core, settings.
In: a model's name. Out: a plain Hugging Face folder.
"""
