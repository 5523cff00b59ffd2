"""When the simulated world begins and ends. Nothing here reads a clock."""

from datetime import UTC, datetime

from features.measures import DAY, micros


def midnight(year: int, month: int, day: int = 1) -> int:
    """The first microsecond of a day, UTC."""
    return micros(datetime(year, month, day, tzinfo=UTC))


START = midnight(2022, 10)
END = midnight(2026, 7)
"""First moment after the last order (2026-06-30). Findings that would be known later do not exist yet."""

YEAR = 365 * DAY
MONTHS = tuple(midnight(2022 + month // 12, month % 12 + 1) for month in range(9, 9 + 45))
"""The first moment of each month from 2022-10 to 2026-06."""


def month_of(moment: int) -> int:
    """Calendar month, 1..12, of a moment in UTC."""
    return datetime.fromtimestamp(moment // 1_000_000, tz=UTC).month
