"""Checks of our own that `make lint` runs, for what no linter at hand can judge. Does not belong here: tests."""
