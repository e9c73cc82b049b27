"""A stand-in for a shop's systems: it writes the files that they would drop and, elsewhere, the answer key.

Belongs here: the simulated shop's mechanisms, the dirt laid over its files, the key, and grading against it. Does not
belong here: anything of the refresh. Nothing here imports `pipelines`; `pipelines.cli` alone calls it.
"""
