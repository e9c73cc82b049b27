"""Readers: how files of a shop's systems become raw text rows. Knows nothing of rules, keys or the warehouse."""
