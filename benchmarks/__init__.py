"""How dear each part is: ratios in CPU seconds measured in one run, never absolute times as tests."""
