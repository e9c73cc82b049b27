"""Almanac's pipelines: from a shop's raw drops to published marts. See architecture of folders in CONTRIBUTING.md."""
