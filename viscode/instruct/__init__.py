"""Validated blocks -> instructions, from figure facts or by a language model.

May import: charts, core, execution, extract, libraries, llm, settings, text.
In: ValidatedBlock. Out: InstructionSample.
"""
