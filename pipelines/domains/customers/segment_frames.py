"""The frames of a segment statement: their columns, and how they are filled.

Belongs here: shapes, shares, means. Does not belong here: which segment a customer is in.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from pipelines.domains.customers.features import FEATURES
from pipelines.domains.customers.segment_models import Clusters, segment_matrix
from pipelines.domains.customers.segment_names import SEGMENTS, Codes

MEMBERSHIP_COLUMNS = (
    "customer_id",
    "segment",
    "undamped_segment",
    "method",
    "recency_days",
    "frequency",
    "monetary_amount",
    "tenure_days",
    "distance",
    "margin",
)
PROFILE_COLUMNS = (
    "segment",
    "method",
    "n_customers",
    "customer_share",
    "sales_share",
    *(f"mean_{name}" for name in FEATURES),
    "drivers",
    "stability",
)
SCORE_COLUMNS = ("subject", "method", "measure", "value", "is_published")
_TEXTS = ("customer_id", "segment", "undamped_segment", "method", "drivers", "subject", "measure")


def memberships(
    features: pd.DataFrame, method: str, codes: Codes, undamped: Codes, clusters: Clusters | None
) -> pd.DataFrame:
    """MEMBERSHIP_COLUMNS, one row per row of `features`; `distance` and `margin` are NaN without clusters."""
    names = np.array(SEGMENTS)
    frame = features.assign(segment=names[codes], undamped_segment=names[undamped], method=method)
    frame["distance"] = frame["margin"] = np.nan
    if clusters is not None:
        distances = clusters.distances(segment_matrix(features))
        rows = np.arange(len(distances))
        own = distances[rows, codes]
        distances[rows, codes] = np.inf
        frame["distance"], frame["margin"] = own, 1 - own / np.maximum(distances.min(axis=1), 1e-9)
    return frame[list(MEMBERSHIP_COLUMNS)].astype({name: "str" for name in _TEXTS if name in MEMBERSHIP_COLUMNS})


def profiles(
    features: pd.DataFrame, method: str, codes: Codes, drivers: Mapping[str, str], stability: Mapping[str, float]
) -> pd.DataFrame:
    """PROFILE_COLUMNS, one row per segment with customers, in the order of SEGMENTS.

    Shares of sales are 0 where net sales do not lie above 0; so is the stability of a segment that no customer would
    be in without damping.
    """
    sales = float(features["monetary_amount"].sum())
    rows = []
    for code in np.unique(codes):
        mine, name = features.loc[codes == code], SEGMENTS[code]
        rows.append(
            {
                "segment": name,
                "method": method,
                "n_customers": len(mine),
                "customer_share": len(mine) / len(features),
                "sales_share": float(mine["monetary_amount"].sum()) / sales if sales > 0 else 0.0,
                **{f"mean_{column}": float(mine[column].mean()) for column in FEATURES},
                "drivers": drivers[name],
                "stability": stability.get(name, 0.0),
            }
        )
    return pd.DataFrame(rows, columns=list(PROFILE_COLUMNS))


def empty_frame(columns: tuple[str, ...]) -> pd.DataFrame:
    """A frame without rows whose columns have the kinds of a filled one."""
    counts = ("n_customers", "recency_days", "frequency", "tenure_days")
    kinds = {name: "str" if name in _TEXTS else "int64" if name in counts else "float64" for name in columns}
    if "is_published" in kinds:
        kinds["is_published"] = "bool"
    return pd.DataFrame({name: pd.Series([], dtype=kind) for name, kind in kinds.items()})
