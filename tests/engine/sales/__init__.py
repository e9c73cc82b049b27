"""The one domain of the toy, as a folder of `pipelines/domains` is."""
