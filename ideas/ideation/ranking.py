"""The trending score: supports weigh half as much with every week that passes.

Forward decay (Cormode, Shkapenyuk, Srivastava, Xu: "Forward Decay", ICDE 2009): instead of lowering old
scores all the time, a new support weighs more than an old one by exp(age difference), and the stored score
is the logarithm of the sum. Orders by the stored score are right at every moment without any rescan.
"""

import math
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, Float, case, cast, func, literal
from sqlalchemy.orm import InstrumentedAttribute

HALF_LIFE = timedelta(days=7)
EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
#: Below this difference exp() adds nothing that a double can hold.
NEGLIGIBLE = 40.0


def weight_at(moment: datetime) -> float:
    """Return the logarithm of the weight of one support given at `moment`."""
    return (moment - EPOCH) / HALF_LIFE * math.log(2)


def initial_trend(published_at: datetime) -> float:
    """Return the score of an idea without supports: as if one had been given when it was published."""
    return weight_at(published_at)


def raised(trend: InstrumentedAttribute[float], moment: datetime) -> ColumnElement[float]:
    """Return the SQL expression of the score after one more support at `moment`."""
    weight = literal(weight_at(moment), Float)
    gap = func.abs(trend - weight)
    higher = case((trend > weight, trend), else_=weight)
    return cast(case((gap > NEGLIGIBLE, higher), else_=higher + func.ln(1 + func.exp(-gap))), Float)


def lowered(trend: InstrumentedAttribute[float], moment: datetime) -> ColumnElement[float]:
    """Return the SQL expression of the score after a support given at `moment` was taken back.

    Never lower than that support's own weight allows: rounding must not make the logarithm of nothing.
    """
    weight = literal(weight_at(moment), Float)
    gap = trend - weight
    left = case((gap > NEGLIGIBLE, trend), (gap < 1e-6, weight - NEGLIGIBLE), else_=trend + func.ln(1 - func.exp(-gap)))
    return cast(left, Float)
