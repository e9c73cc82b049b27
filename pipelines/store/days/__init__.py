"""Event days and arrival days: which are to be rebuilt, what became of each."""
