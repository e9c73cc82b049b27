"""`python -m pipelines.cli` is the `almanac` command."""

from pipelines.cli import program

program()
