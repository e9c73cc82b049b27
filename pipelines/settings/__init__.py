"""Typed settings: a shop file, a home, the environment. The only reader of the environment."""
