"""What was wanted on days on which not all could be bought: sales are only a lower bound of demand.

Belongs here: the expected demand of a day of which a share was seen. Does not belong here: what else is learnt from a
history (panel.py), how the share of a day is measured (the marts).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

# Of the mean demand of the last weeks. Half-lives of 14 and 56 days find as much of the true demand of simulated
# shops, within two thousandths.
RATE_HALF_LIFE = 28.0
# What sold was to be had for an hour, whatever was written down: keeps a day noted as empty from telling a huge rate.
LEAST_SHARE_OF_A_SALE = 1 / 24
# From days that have little to do with their weeks to days all alike.
SHAPES = (0.25, 0.35, 0.5, 0.7, 1.0, 1.4, 2.0, 2.8, 4.0, 5.6, 8.0, 16.0, 64.0)
# Before four weeks are seen a rate tells more of chance than of the days.
FIRST_TOLD = 28


def expected_demand(sold: Floats, share: Floats, shape: float) -> Floats:
    """Series x periods: what was sold plus the demand to be expected of the part of the period that was not seen.

    sold   what was sold, in units; NaN before a series begins and where it was closed
    share  of each period's demand that could be seen, 0 to 1; a period seen as a whole is left as it is
    shape  how much alike the days of a series are (`day_shape`)

    The rest of a period comes at the posterior mean of its rate, given what was sold in the part that was seen; the
    prior is a Gamma law around the series' mean demand, filled in alike, of the periods before (older ones weigh less;
    one of which nothing was seen says nothing). This is the E-step of an EM estimate taken once, forwards: each period
    reads only those before it. That the shelf was empty because much was sold does no harm: a stopping rule does not
    change the likelihood. Units of a last order that the shelf could not fill are not added.
    """
    return np.where(share < 1, _filled(sold, share, shape)[0], sold)


def day_shape(sold: Floats, share: Floats) -> float:
    """The shape of the Gamma law of the days' own rates around those of their weeks, one for all series.

    The likeliest of SHAPES: given the rate of its weeks, the units of a day are negative binomial (Greenwood and Yule
    1920), and a part of a day is a day of a smaller rate. 1 where no four weeks are seen.
    """
    fits = [_log_likelihood(sold, share, shape) for shape in SHAPES]
    return SHAPES[int(np.argmax(fits))] if np.isfinite(fits).all() else 1.0


def _log_likelihood(sold: Floats, share: Floats, shape: float) -> float:
    """Of what was sold in the parts seen, terms without the shape apart; NaN when there is nothing to tell it from."""
    from scipy.special import gammaln

    rate = _filled(sold, share, shape)[1]
    told = ~np.isnan(sold) & (share > 0) & (rate > 0) & (np.arange(sold.shape[1]) >= FIRST_TOLD)
    if not told.any():
        return float("nan")
    units, mean = np.maximum(sold[told], 0.0), rate[told] * share[told]
    law = gammaln(shape + units) - gammaln(shape) + shape * np.log(shape) + units * np.log(rate[told])
    return float((law - (shape + units) * np.log(shape + mean)).sum())


def _filled(sold: Floats, share: Floats, shape: float) -> tuple[Floats, Floats]:
    """(expected demand of every period, rate of the periods before it), both series x periods."""
    keep = 0.5 ** (1.0 / RATE_HALF_LIFE)
    total, mass = np.zeros(len(sold)), np.zeros(len(sold))
    filled, rates = sold.copy(), np.zeros(sold.shape)
    for period in range(sold.shape[1]):
        part, is_seen = share[:, period], ~np.isnan(sold[:, period]) & (share[:, period] > 0)
        units = np.maximum(sold[:, period], 0.0)
        told = np.where(units > 0, np.maximum(part, LEAST_SHARE_OF_A_SALE), part)
        rate = total / np.maximum(mass, 1e-300)
        own = np.where(rate > 0, (shape + units) / (shape / np.maximum(rate, 1e-300) + told), 0.0)
        filled[:, period], rates[:, period] = sold[:, period] + (1 - part) * own, rate
        total = np.where(is_seen, keep * total + np.maximum(filled[:, period], 0.0), total)
        mass = np.where(is_seen, keep * mass + 1.0, mass)
    return filled, rates
