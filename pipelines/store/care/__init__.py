"""Care of a home: is it sound, and what may go from it."""
