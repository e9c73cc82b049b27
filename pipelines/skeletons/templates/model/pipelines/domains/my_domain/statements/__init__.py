"""What the domain of my domain states: each module declares STATEMENTS.

Belongs here: which marts are read, which pure functions called, which tables filled. Does not belong here: arithmetic.
"""
