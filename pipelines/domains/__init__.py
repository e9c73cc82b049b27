"""The domains: one folder each, pure functions over frames. They meet through tables and do not know each other."""
