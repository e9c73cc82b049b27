"""Customer segments as of a day: who belongs where, what sets each segment apart, how far to trust it.

Belongs here: what is stated, and the choice between clusters and the plain rule. Does not belong here: fitting
(segment_models), resampling and damping (segment_stability), words for the drivers (segment_drivers).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from pipelines.domains.customers.features import checked_customer_days, features_by_day
from pipelines.domains.customers.segment_drivers import describe, rank_drivers
from pipelines.domains.customers.segment_frames import (
    MEMBERSHIP_COLUMNS,
    PROFILE_COLUMNS,
    SCORE_COLUMNS,
    empty_frame,
    memberships,
    profiles,
)
from pipelines.domains.customers.segment_models import (
    Clusters,
    SegmentModel,
    fit_clusters,
    fit_grid,
    one_thread,
    segment_matrix,
)
from pipelines.domains.customers.segment_names import SEGMENTS, Codes, Matrix
from pipelines.domains.customers.segment_stability import UNKNOWN, Bootstrap, Flags, bootstrap, damped, flip_rate
from pipelines.modeling.inputs import AsOf, as_day, as_seed

KMEANS, RFM_GRID = "kmeans", "rfm_grid"
MODEL_NAME = "customer_segments"
SUBJECT = "all"

# A statement reads the weeks as_of - 28 to as_of; flips are counted over the last eight steps from week to week.
WINDOW_WEEKS = 5
_FLIP_STEPS = 8
# Below these a cluster is a handful of customers, and who is new cannot be told from who was always there.
MIN_CUSTOMERS = 50
MIN_DAYS_ON_RECORD = 90
# The largest number of clusters that the resamples agree on, at the last end of a quarter: 6 in every quarter of the
# shop. A seventh (promising: young and ordering again) lost its name in 4 of 9 months.
_N_CLUSTERS = (6, 5, 4)
_N_CLUSTERS_ARI = 0.85
# The plain rule is published below this agreement of the clusters over the resamples.
ARI_FLOOR = 0.8
_N_RESAMPLES = 20
_SILHOUETTE_ROWS = 1000


@dataclass(frozen=True)
class StatedSegments:
    """What is stated of the segments on one day.

    `memberships`: one row per customer with a sale order (MEMBERSHIP_COLUMNS). `segment` is damped, `undamped_segment`
    what the week alone says; `distance` to the segment's centre in standard deviations and `margin` = 1 - distance /
    distance to the nearest other centre (below 0: held by damping) are NaN under the rule.
    `profiles`: one row per segment that has customers (PROFILE_COLUMNS): shares of customers and of net sales, means
    of the features, `drivers`, `stability` (mean Jaccard over the resamples, 0 to 1).
    `scores`: subject 'all', method kmeans or rfm_grid (SCORE_COLUMNS).
    `models`: LightGBM's text of the describing trees by name; empty where no clusters were made.
    """

    memberships: pd.DataFrame
    profiles: pd.DataFrame
    scores: pd.DataFrame
    models: dict[str, str]


@dataclass(frozen=True)
class _Candidate:
    method: str
    weekly: Codes  # weeks x customers of the as-of day, undamped
    statements: Codes  # the last weeks, damped
    trust: Bootstrap

    def scores(self) -> dict[str, float]:
        return {
            "n_segments": float(len(np.unique(self.weekly[-1]))),
            "bootstrap_ari": self.trust.ari,
            "bootstrap_ari_lowest": self.trust.lowest_ari,
            "weekly_flip_rate": flip_rate(self.statements),
            "weekly_flip_rate_undamped": flip_rate(self.weekly[WINDOW_WEEKS - 1 :]),
        }


def state_segments(customer_days: pd.DataFrame, *, as_of: AsOf, seed: int = 0) -> StatedSegments:
    """The segments as of a day, of the rows up to it only; a function of these rows, never of earlier statements.

    Each of the last weeks is segmented by a model of that week; a customer changes segment when two weeks running say
    so (`segment_stability.confirmed`). KMeans is published unless its clusters cannot be named truly or agree too
    little over bootstrap resamples (ARI_FLOOR), or the shop is too small or young: then the plain rule on fifths is.
    `customer_days`: columns, units and errors as in `features.checked_customer_days`. No customer: empty frames.
    """
    as_of, seed = as_day(as_of).date(), as_seed(seed)
    days = checked_customer_days(customer_days)
    days = days.loc[(days["ordered_date"] <= pd.Timestamp(as_of)).to_numpy()].reset_index(drop=True)
    weeks = [as_of - dt.timedelta(weeks=back) for back in reversed(range(WINDOW_WEEKS + _FLIP_STEPS))]
    by_week = features_by_day(days, weeks)
    features = by_week[as_of]
    if features.empty:
        return StatedSegments(
            empty_frame(MEMBERSHIP_COLUMNS), empty_frame(PROFILE_COLUMNS), empty_frame(SCORE_COLUMNS), {}
        )
    matrices = {week: segment_matrix(frame) for week, frame in by_week.items()}
    customers = pd.Index(features["customer_id"])
    places = {week: customers.get_indexer(pd.Index(frame["customer_id"])) for week, frame in by_week.items()}
    models = _weekly_clusters(days, matrices, seed)
    grids = {week: fit_grid(matrix) for week, matrix in matrices.items() if len(matrix)}
    trust = _trust(fit_grid, matrices[as_of], seed)
    ordered = _ordered(by_week, places, len(customers))
    rule = _candidate(RFM_GRID, matrices, grids, places, ordered, trust)
    now = models.get(as_of)
    if now is None:
        return _stated(features, [rule], rule, None, seed)
    trust = _trust(partial(fit_clusters, n_clusters=len(now.centres)), matrices[as_of], seed)
    clusters = _candidate(KMEANS, matrices, models, places, ordered, trust)
    published = clusters if trust.ari >= ARI_FLOOR else rule
    return _stated(features, [clusters, rule], published, now, seed)


def _trust(fit: Callable[[Matrix], SegmentModel | None], matrix: Matrix, seed: int) -> Bootstrap:
    model = fit(matrix)
    if model is None:
        return Bootstrap(0.0, 0.0, {})
    return bootstrap(fit, matrix, model.codes(matrix), n_resamples=_N_RESAMPLES, seed=seed)


def _weekly_clusters(days: pd.DataFrame, matrices: dict[dt.date, Matrix], seed: int) -> dict[dt.date, Clusters]:
    """The named clusters of each week that has them. The number of clusters is that of the last end of a quarter."""
    chosen: dict[dt.date, int] = {}
    models = {}
    for week, matrix in matrices.items():
        quarter_end = (pd.Timestamp(week) + pd.Timedelta(days=1)).to_period("Q").start_time - pd.Timedelta(days=1)
        anchor = quarter_end.date()
        if anchor not in chosen:
            chosen[anchor] = _n_clusters(days, anchor, seed)
        model = fit_clusters(matrix, chosen[anchor]) if chosen[anchor] else None
        if model is not None and model.is_true:
            models[week] = model
    return models


def _n_clusters(days: pd.DataFrame, anchor: dt.date, seed: int) -> int:
    """The largest number of clusters with true names that the resamples agree on; 0 when there is none."""
    on_record = (pd.Timestamp(anchor) - days["ordered_date"].min()).days + 1
    matrix = segment_matrix(features_by_day(days, [anchor])[anchor])
    if len(matrix) < MIN_CUSTOMERS or on_record < MIN_DAYS_ON_RECORD:
        return 0
    for n_clusters in _N_CLUSTERS:
        model = fit_clusters(matrix, n_clusters)
        if model is None or not model.is_true:
            continue
        if _trust(partial(fit_clusters, n_clusters=n_clusters), matrix, seed).ari >= _N_CLUSTERS_ARI:
            return n_clusters
    return 0


def _ordered(by_week: Mapping[dt.date, pd.DataFrame], places: Mapping[dt.date, Codes], n_customers: int) -> Flags:
    """weeks x customers: whether the latest order lies in the seven days that end with the week."""
    ordered = np.zeros((len(by_week), n_customers), dtype=np.bool_)
    for row, (week, frame) in enumerate(by_week.items()):
        ordered[row, places[week]] = (frame["recency_days"] < 7).to_numpy()
    return ordered


def _candidate(
    method: str,
    matrices: dict[dt.date, Matrix],
    models: Mapping[dt.date, SegmentModel],
    places: dict[dt.date, Codes],
    ordered: Flags,
    trust: Bootstrap,
) -> _Candidate:
    shape = (len(matrices), len(next(reversed(places.values()))))
    weekly, distances = np.full(shape, UNKNOWN, dtype=np.int64), np.full((*shape, len(SEGMENTS)), np.inf)
    for row, (week, matrix) in enumerate(matrices.items()):
        model = models.get(week)
        if model is not None:
            weekly[row, places[week]] = model.codes(matrix)
        if isinstance(model, Clusters):
            distances[row, places[week]] = model.distances(matrix)
    return _Candidate(method, weekly, damped(weekly, WINDOW_WEEKS, distances, ordered), trust)


def _stated(
    features: pd.DataFrame, candidates: list[_Candidate], published: _Candidate, clusters: Clusters | None, seed: int
) -> StatedSegments:
    measured = {candidate.method: candidate.scores() for candidate in candidates}
    models = {}
    method, codes = published.method, published.statements[-1]
    drivers = rank_drivers(features, codes)
    if clusters is not None:
        for candidate in candidates:
            measured[candidate.method]["silhouette"] = _silhouette(clusters, features, candidate.weekly[-1], seed)
        if len(drivers) > 1:
            drivers, models[MODEL_NAME], told_right = describe(features, codes, seed=seed)
            measured[method]["description_accuracy"] = told_right
    scores = [
        (SUBJECT, rival, measure, value, rival == method)
        for rival, values in measured.items()
        for measure, value in values.items()
        if np.isfinite(value)  # a young shop has no two weeks to compare
    ]
    return StatedSegments(
        memberships(features, method, codes, published.weekly[-1], clusters if method == KMEANS else None),
        profiles(features, method, codes, drivers, published.trust.jaccard),
        pd.DataFrame(scores, columns=list(SCORE_COLUMNS)),
        models,
    )


def _silhouette(clusters: Clusters, features: pd.DataFrame, codes: Codes, seed: int) -> float:
    """Mean silhouette (Rousseeuw 1987) of at most _SILHOUETTE_ROWS customers in the space of the clusters."""
    from sklearn.metrics import silhouette_score

    matrix = (segment_matrix(features) - clusters.mean) / clusters.scale
    n_rows = min(len(matrix), _SILHOUETTE_ROWS)
    rows = np.sort(np.random.default_rng(seed).choice(len(matrix), n_rows, replace=False))
    if len(np.unique(codes[rows])) < 2:
        return 0.0
    with one_thread():
        return float(silhouette_score(matrix[rows], codes[rows]))
