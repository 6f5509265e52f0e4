"""params.yaml as strict typed sections, a file for each, and the profiles that change it.

May import: core, libraries.
In: params.yaml. Out: one frozen settings class for each stage.
"""
