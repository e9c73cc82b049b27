"""What the domain customers states: a module per model, found by its STATEMENTS. Does not belong here: arithmetic."""
