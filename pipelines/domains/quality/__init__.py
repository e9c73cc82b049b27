"""Quality: how far the data and the models can be relied on.

The domain has no model of its own; its page of the report lies here. Rules and verdicts are those of the gate
(pipelines.contracts).
"""
