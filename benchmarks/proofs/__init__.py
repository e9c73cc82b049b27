"""The bars of each part of the project, measured: one module per part, one small function per bar or family of bars."""
