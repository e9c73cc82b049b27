"""Published versions: writing one, comparing two, what a number of one rests on."""
