"""My system: a source system of the simulated shop that writes my table."""
