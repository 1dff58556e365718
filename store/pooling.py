"""Rates of events: what a stated rate says, its interval, and rates of several studies pooled."""

import re
from functools import lru_cache
from math import asin, sin, sqrt
from typing import Literal, NamedTuple

_COUNT = re.compile(
    r"(?<![\d.,])(\d{1,6})\s*(?:/|of(?: the)?|out of(?: the)?)\s*(\d{1,6})(?![\d.,]*\d|\s*%)", re.IGNORECASE
)
_SHARE = re.compile(r"(?<![\d.])(\d{1,3}(?:[.,·]\d+)?)\s*(?:%|per ?cent)", re.IGNORECASE)


class Rate(NamedTuple):
    """Events among so many people, or a share without its denominator, or why it is neither."""

    kind: Literal["counts", "share", "unreadable"]
    events: int = 0
    total: int = 0
    share: float | None = None


class Interval(NamedTuple):
    """A share and the ends of its 95 % interval."""

    value: float
    low: float
    high: float


class Pooled(NamedTuple):
    """A rate over studies: its interval, how many were pooled, I² (0 to 1, None of one study) and tau²."""

    rate: Interval
    studies: int
    events: int
    total: int
    i2: float | None
    tau2: float | None


@lru_cache(maxsize=65_536)
def parse_rate(text: str | None) -> Rate:
    """Read a rate as written; only counts can be pooled, since a percentage hides its denominator.

    >>> parse_rate("8/47").total, parse_rate("17 of 36 (47%)").events, parse_rate("17%").share
    (47, 17, 0.17)
    """
    counts = _COUNT.findall(text or "")
    if len(counts) == 1:
        events, total = int(counts[0][0]), int(counts[0][1])
        return (
            Rate("counts", events, total, events / total)
            if total > 0 and events <= total
            else Rate("unreadable")
        )
    shares = _SHARE.findall(text or "")
    if not counts and len(shares) == 1:
        share = float(shares[0].replace(",", ".").replace("·", ".")) / 100
        return Rate("share", share=share) if share <= 1 else Rate("unreadable")
    return Rate("unreadable")


@lru_cache(maxsize=16_384)
def wilson(events: int, total: int) -> Interval:
    """Give a proportion with Wilson's 95 % interval.

    Source: Wilson 1927, J Am Stat Assoc 22:209; computed by statsmodels.
    """
    from statsmodels.stats.proportion import proportion_confint

    low, high = proportion_confint(events, total, method="wilson")
    return Interval(events / total, float(low), float(high))


@lru_cache(maxsize=4096)
def pool(counts: tuple[tuple[int, int], ...]) -> Pooled:
    """Pool (events, total) of several studies by random effects; kept, since a night changes few of many.

    Proportions are pooled as arcsine of their square root, whose variance 1/4n needs no correction at 0 and n, with the
    between-study variance of Paule and Mandel, by statsmodels; one study alone keeps its Wilson interval.
    Source: Rücker et al. 2009, Stat Med 28:721; Paule and Mandel 1982, J Res Natl Bur Stand 87:377.

    Raises:
        ValueError: there is nothing to pool.
    """
    if not counts:
        raise ValueError("there is no study to pool")
    events, total = sum(e for e, _ in counts), sum(n for _, n in counts)
    if len(counts) == 1:
        return Pooled(wilson(events, total), 1, events, total, None, None)
    import numpy as np
    from statsmodels.stats.meta_analysis import combine_effects

    angles = np.array([asin(sqrt(e / n)) for e, n in counts])
    with np.errstate(divide="ignore"):  # its own I² of studies that do not differ at all
        found = combine_effects(angles, np.array([1 / (4 * n) for _, n in counts]), method_re="iterated")
    low, high = found.conf_int()[1]
    rate = Interval(*(_back(angle) for angle in (float(found.mean_effect_re), float(low), float(high))))
    i2 = 1 - found.df / found.q if found.q > found.df else 0.0
    return Pooled(rate, len(counts), events, total, float(i2), max(0.0, float(found.tau2)))


def _back(angle: float) -> float:
    return sin(min(max(angle, 0.0), asin(1.0))) ** 2
