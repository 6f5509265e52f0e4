"""Values for what a script needs and does not have, inferred from how it uses them.

May import: core, libraries, text.
In: a syntax tree with names that nothing binds. Out: lines of code that bind them.
"""
