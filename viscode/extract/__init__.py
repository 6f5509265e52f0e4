"""Source files -> standalone blocks, by static analysis or by a language model; keeps secrets in.

May import: core, libraries, llm, settings, text.
In: SelectedFile. Out: Block.
"""
