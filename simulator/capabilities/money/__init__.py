"""Money: the figures of each day, to the last digit."""
