"""What validation counts in bars, as values for JSON."""

from dataclasses import dataclass

REASONS = (
    "not_finite",
    "not_positive",
    "negative_volume",
    "out_of_range",
    "high_below_low",
    "high_below_open_or_close",
    "low_above_open_or_close",
    "duplicate_date",
    "date_out_of_order",
)
NAMED_GAPS = 10  # longest gaps kept in the report


@dataclass(frozen=True)
class Gap:
    """Two neighbouring bars further apart than allowed."""

    after: str  # ISO date of the bar before the gap
    before: str  # ISO date of the bar after it
    days: int  # calendar days between the two


@dataclass(frozen=True)
class BarReport:
    """What validation found; plain values, ready for JSON.

    Attributes
    ----------
    rows : bars kept
    dropped : rows removed per reason, every key of `REASONS` present
    gaps : neighbouring bars more than ``max_gap_days`` calendar days apart
    longest_gaps : the longest of them, at most `NAMED_GAPS`, longest first
    longest_gap_days : calendar days of the longest step between two bars, reported or not
    first, last : ISO dates of the first and last bar kept
    """

    rows: int
    dropped: dict[str, int]
    gaps: int
    longest_gaps: tuple[Gap, ...]
    longest_gap_days: int
    first: str
    last: str
