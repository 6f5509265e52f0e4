"""The `viscode` command.

May import: every room.
In: a command line. Out: lines on stdout, an exit status.
"""
