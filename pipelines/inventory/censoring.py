"""What was wanted on days on which not all could be bought: sales are only a lower bound of demand.

Belongs here: the expected demand of a day of which a share was seen. Does not belong here: what else is learnt from a
history (panel.py), how the share of a day is measured (the marts).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

# Sales over periods seen, of the last weeks. Half-lives of 14 and 56 days find as much of the true demand of simulated
# shops, within two thousandths.
RATE_HALF_LIFE = 28.0
# A day's own rate lies around that of its weeks as a Gamma variable of this shape. In simulated shops the days of which
# least and most was seen are filled in to 0.95 to 1.04 of the truth; with a shape of 2 to 0.82 to 0.95, with one of 0.5
# to 0.96 to 1.4.
DAY_SHAPE = 1.0
# What sold was to be had for an hour, whatever was written down: keeps a day noted as empty from telling a huge rate.
LEAST_SHARE_OF_A_SALE = 1 / 24


def expected_demand(sold: Floats, share: Floats) -> Floats:
    """Series x periods: what was sold plus the demand to be expected of the part of the period that was not seen.

    sold   what was sold, in units; NaN before a series begins
    share  of each period's demand that could be seen, 0 to 1; a period seen as a whole is left as it is

    The rest of a period comes at the posterior mean of its rate, given what was sold in the part that was seen; the
    prior is a Gamma law around the series' sales per period seen (all sales over all shares, older ones weigh less).
    That the shelf was empty because much was sold does no harm: a stopping rule does not change the likelihood. Each
    period reads only those before it. Units of a last order that the shelf could not fill are not added.
    """
    keep = 0.5 ** (1.0 / RATE_HALF_LIFE)
    begun = ~np.isnan(sold)
    units, seen = np.where(begun, np.maximum(sold, 0.0), 0.0), np.where(begun, share, 0.0)
    total, exposure = np.zeros(len(sold)), np.zeros(len(sold))
    filled = sold.copy()
    for period in range(sold.shape[1]):
        now, part = units[:, period], seen[:, period]
        rate = total / np.maximum(exposure, 1.0)  # less than a period seen tells no rate
        told = np.where(now > 0, np.maximum(part, LEAST_SHARE_OF_A_SALE), part)
        own = np.where(rate > 0, (DAY_SHAPE + now) / (DAY_SHAPE / np.maximum(rate, 1e-300) + told), 0.0)
        censored = begun[:, period] & (part < 1)
        filled[:, period] = np.where(censored, sold[:, period] + (1 - part) * own, sold[:, period])
        decay = np.where(part > 0, keep, 1.0)
        total, exposure = decay * total + now, decay * exposure + part
    return filled
