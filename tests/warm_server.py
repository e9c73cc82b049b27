"""What every command does before its own work, done once in the server that forks them (tests/command_line.py).

Belongs here: imports that stand inside functions, of ours or of libraries, and what they compile on first use.
Does not belong here: what opens a file of DuckDB, starts a thread or reads a home: a fork would have half of it. Two
seconds once, of which each run has 1.3 back.
"""

from __future__ import annotations

import importlib

from dbt.contracts.graph.manifest import Manifest
from dbt.parser.manifest import extended_mashumuro_decoder

from pipelines.defs.statements import all_statements
from pipelines.domains import domain_parts
from pipelines.reporting.pages import find_pages

# Found by looking into `sys.modules` before and after a refresh: the dearest of those that were not there.
LATE = (
    *("pipelines.cli", "pipelines.definitions", "pipelines.defs.launch", "pipelines.reporting.report"),
    *("pipelines.contracts.expectations", "great_expectations", "great_expectations.render.renderer.site_builder"),
    *("dagster_dbt.asset_utils", "dagster._core.execution.execute_in_process", "dagster._core.storage.sqlite"),
    *("dagster._core.storage.event_log.sqlite", "dagster._daemon.run_coordinator", "dagster._core.storage.root"),
    *("dbt.cli.main", "dbt.task.build", "dbt.adapters.duckdb.connections", "dbt.adapters.duckdb.environments.local"),
    *("altair", "lightgbm", "sklearn", "scipy.optimize", "babel.dates", "upath.implementations.local"),
)

for name in LATE:
    importlib.import_module(name)
all_statements()
find_pages(domain_parts("report"))
# dbt compiles how each kind of node is read when it reads the first one: an empty manifest is as good as any.
Manifest.from_msgpack(Manifest().to_msgpack(), decoder=extended_mashumuro_decoder)  # type: ignore[attr-defined]
