"""Source files -> standalone blocks, sliced and completed, or by a language model; screens secrets.

May import: core, execution, libraries, llm, settings, supply, text.
In: SelectedFile. Out: Block.
"""
