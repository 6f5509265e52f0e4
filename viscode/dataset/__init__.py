"""The data set: decontaminated, without duplicates, split, with its card, pushed to the hub.

May import: core, dialogues, libraries, settings, text.
In: InstructionSample, Dialogue, Task. Out: ChatSample.
"""
