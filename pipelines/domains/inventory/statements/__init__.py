"""What the domain inventory states: a module per model, found by its STATEMENTS. Does not belong here: arithmetic."""
