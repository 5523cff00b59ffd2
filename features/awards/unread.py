"""What of a release makes no sense, though its notice is taken: dates, amounts, counts, and currencies without a rate.

Whoever adds it is told, since links rest on what is left.
"""

from collections.abc import Iterator

from features.awards.fields import Json, id_of, money_of, object_of, objects, quantity_of, time_of
from features.evidence import Notice
from features.measures import Refused, iso


def unread(release: Json, notice: Notice, where: str) -> Iterator[Refused]:
    """Each such field: where it stood, its value, why, and the mend."""
    yield from _date(release, where)
    for award in objects(release, "awards"):
        told = f"{where}: award {id_of(award.get('id'))}"
        yield from _date(award, told)
        for each in (award, *objects(award, "items")):
            value = object_of(each, "value")
            if value.get("amount") and money_of(value) is None:
                said = f"{value.get('amount')} {value.get('currency') or ''}".strip()
                yield Refused(f"{told}: value", said, "is no amount of a currency", "write such as 1200.50 and USD")
        for item in objects(award, "items"):
            if item.get("quantity") and quantity_of(item) is None:
                yield Refused(f"{told}: quantity", item["quantity"], "is no count of pieces", "write it as a number")
    yield from _without_rate(notice, where)
    if notice.published_at is not None and notice.published_at > notice.known_at:
        day = iso(notice.published_at)[:10]
        yield Refused(
            f"{where}: date", day, "is later than it could be known", "check the day on which it was published"
        )


def _date(content: Json, where: str) -> Iterator[Refused]:
    if content.get("date") and time_of(content["date"]) is None:
        yield Refused(f"{where}: date", content["date"], "is neither date nor time", "write it as 2026-05-31")


def _without_rate(notice: Notice, where: str) -> Iterator[Refused]:
    for currency in sorted({line.amount.currency for line in notice.lines if line.amount and line.value is None}):
        when = iso(notice.dated)[:10]
        yield Refused(f"{where}: currency", currency, f"has no rate on {when}", "import rates; it does not count")
