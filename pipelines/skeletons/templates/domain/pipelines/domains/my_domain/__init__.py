"""The domain of my domain: which questions of the shop it answers, in a sentence.

Belongs here: pure functions over frames, one module per model; `statements/`: what they read and state; `report/`: the
page. Does not belong here: paths, the clock, the store, other domains.
"""
