"""The publication asset: audit the marts, then put a new version before the readers.

Belongs here: when a version is published and what is audited first. Does not belong here: what is published
(pipelines.store.published.lineage), and how a version is written and swapped (pipelines.store.published.publication).
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import dagster as dg

from pipelines.defs.dbt import state_token
from pipelines.defs.manifest import HeldManifest
from pipelines.defs.report import reported
from pipelines.defs.resources import Writer
from pipelines.defs.unchanged import all_code
from pipelines.modeling.cards import ModelCard
from pipelines.settings.environment import Settings
from pipelines.settings.shop import Shop
from pipelines.store import built, ledger
from pipelines.store.connection import transaction
from pipelines.store.days.dirty_days import built_codes
from pipelines.store.published import changes
from pipelines.store.published.lineage import published_tables
from pipelines.store.published.publication import Publication, PublishedTable, audit, current_version, publish
from pipelines.store.published.versions import stands_for
from pipelines.store.statements import are_stale, create_output_tables, last_as_of, statements_token

KEY = dg.AssetKey(["published", "marts"])

# Each statement returns the rows that are wrong; a version is only published when all return none.
AUDITS = (
    (
        "every physical row is accounted for",
        """select d.delivery_id, d.physical_rows, coalesce(sum(c.row_count), 0) as counted
        from ledger.deliveries as d left join ledger.row_counts as c using (delivery_id)
        where d.state <> 'refused'
            and not exists (
                select 1 from ledger.deliveries as later
                where later.replaces = d.delivery_id and later.state <> 'refused'
            )
        group by all having d.physical_rows <> counted order by all""",
    ),
    (
        "both engines of the gate have counted every load",
        "select source, table_name, arrival_date from ledger.days_to_recount order by all",
    ),
    ("no dirty day is left", "select table_name, event_date from ledger.dirty_days order by all"),
    ("no table is left to be rebuilt", "select table_name from ledger.dirty_tables order by all"),
)


def freshness_policy(shop: Shop) -> dg.FreshnessPolicy | None:
    """Dagster's view of the shop's freshness limit: failed when no version was published within it; none for an
    archive. It looks from inside; `almanac freshness` looks from outside, when Dagster itself may be down."""
    if shop.freshness_limit_hours is None:
        return None
    return dg.FreshnessPolicy.time_window(fail_window=dt.timedelta(hours=shop.freshness_limit_hours))


def _observe(context: dg.AssetExecutionContext, tables: Sequence[PublishedTable], publication: Publication) -> None:
    """Tell Dagster of every published table that this version holds it, also of those that no step built. (An event
    each: 34 cost 0.09 s of CPU, stored together 0.04; for the difference Dagster's insides are not used.)"""
    for table in tables:
        entry = publication.manifest["tables"][table.name]
        facts = {"version": publication.version, "digest": entry["digest"], "dagster/row_count": entry["rows"]}
        context.log_event(dg.AssetObservation(dg.AssetKey([table.schema, table.name]), metadata=facts))


def _told_tables(publication: Publication) -> dict[str, dict[str, Any]]:
    """Rows and digest of every table; the rest stands in the version's manifest, which is not kept a second time."""
    entries = publication.manifest["tables"]
    return {name: {"rows": entry["rows"], "digest": entry["digest"]} for name, entry in entries.items()}


def build_publication(settings: Settings, held: HeldManifest, cards: Sequence[ModelCard]) -> dg.AssetsDefinition:
    """The asset `published/marts`: one whole, audited version of everything that readers may see, and its report."""
    tables = published_tables(held.content)

    @dg.asset(
        key=KEY,
        deps=[dg.AssetKey([table.schema, table.name]) for table in tables],
        description="One version of all published tables: DuckDB file, Parquet and manifest, swapped in whole.",
        group_name="published",
        kinds={"duckdb", "parquet"},
        owners=["team:data"],
        backfill_policy=dg.BackfillPolicy.single_run(),
        freshness_policy=freshness_policy(settings.shop),
        required_resource_keys={"writer"},
    )
    def marts(context: dg.AssetExecutionContext) -> dg.MaterializeResult[Any]:
        writer: Writer = context.resources.writer
        told: dict[str, str] = {}
        standing = current_version(settings.home.published)
        with writer.warehouse() as con:
            ledger.create_tables(con)
            create_output_tables(con, ())
            writer.verify_loads(con)
            state = state_token(held.code, ledger.last_batch(con))
            token = f"{state}:{statements_token(con)}"
            settled = built.Settled(all_code(settings), state)
            if standing and stands_for(settings.home.published, standing, token):
                built.settle(con, settled)
                return dg.MaterializeResult(metadata={"version": standing, "changed": False})
            audit(con, AUDITS)
            watermark = ledger.watermark(con)
            if watermark is None:
                raise dg.Failure("nothing has been loaded yet, so there is nothing to publish")
            open_days = ledger.open_days(con)
            writer.progress("publish", 0, len(tables))

            def report(folder: Path, manifest: dict[str, Any]) -> None:
                writer.progress("draw report", 0, 1)
                told.update(reported(settings, cards, folder, manifest))
                writer.progress("draw report", 1, 1)

            codes = built_codes(con)
            publication = publish(
                con,
                published_dir=settings.home.published,
                tables=[replace(table, code=codes.get(table.name, "")) for table in tables],
                changes=changes.unpublished(con),
                watermark=watermark,
                quality_state="incomplete" if open_days else "complete",
                facts={
                    "shop": settings.shop.name,
                    "title": settings.shop.title,
                    "state": token,
                    "batch_id": ledger.last_batch(con),
                    "run_id": context.run_id,
                    "freshness_limit_hours": settings.shop.freshness_limit_hours,
                    "statements_as_of": last_as_of(con),
                    "statements_are_stale": are_stale(con, state),
                    "open_days": [
                        {"table": name, "day": day.isoformat(), "verdict": verdict, "reason": reason}
                        for name, day, verdict, reason in open_days
                    ],
                },
                keep=settings.shop.keep_versions,
                beside=report,
            )
            with transaction(con):
                changes.settle_published(con, publication.version, publication.manifest["manifest_sha256"])
            built.settle(con, settled)
        _observe(context, tables, publication)
        return dg.MaterializeResult(
            metadata={
                "version": publication.version,
                "digest": publication.digest,
                "changed": True,
                "tables": dg.MetadataValue.json(_told_tables(publication)),
                "path": dg.MetadataValue.path(str(settings.home.published / "current")),
                **told,
            }
        )

    return marts
