"""All that knows Dagster: assets, checks, resources, jobs. It wires; what a step does stands in the other packages."""
