"""Where raw material comes from: stack-edu, docstrings, folders, charts, dialogues, tasks.

May import: core, libraries, settings, text.
In: data sets on the hub or on disk. Out: SourceFile, ChartSample, Dialogue, Task.
"""
