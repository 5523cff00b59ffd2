"""What resellers reported of the goods that they sold on, and whether a public award is among it."""

from features.evidence import AwardLine, Notice
from features.facts.past import Past
from features.facts.reference import CATEGORY_FACTS, Reference
from features.measures import DAY
from features.sell_through import SellThrough
from features.windows.columns import NULL

BEFORE, AFTER = 180 * DAY, 90 * DAY
"""A report speaks of an award where its period reaches into this time around the award: goods may be sold on before the
contract is dated, and are delivered after it. Our choice; half a year is what the flag RF35 looks at."""


class Reports:
    """Sell-through reports as they stand: the newest version of each. `clock` is when the newest of all was known.

    Those that `past` holds are read when their reseller is first spoken of.
    """

    def __init__(self, reference: Reference, past: Past, clock: int = 0) -> None:
        self._reference, self._past = reference, past
        self._held: dict[str, dict[str, SellThrough]] = {}
        self.clock = clock

    def learn(self, report: SellThrough) -> SellThrough | None:
        """Take in a report; returns what was reported on the same before, which no longer counts."""
        held, named = self._of(report.reseller_id), report.report_id
        before, held[named] = held.get(named), report
        self.clock = max(self.clock, report.known_at)
        return before

    def cover(self, reseller_id: str, notice: Notice, line: AwardLine) -> bool:
        """Whether the reseller reported as much of such goods, around the award, as was awarded.

        Reports that name an end user count only where this is the buyer. Where the award tells no quantity, or one in
        another unit, any quantity will do. Each award is looked at alone: one report may cover several.
        """
        sold = 0
        for report in self._of(reseller_id).values():
            if report.quantity.milli and self.speaks_of(report, notice, line):
                if line.quantity is None or line.quantity.unit != report.quantity.unit:
                    return True
                sold += report.quantity.milli
        return line.quantity is not None and 0 < sold >= line.quantity.milli

    def speaks_of(self, report: SellThrough, notice: Notice, line: AwardLine) -> bool:
        """Whether a report of its reseller counts for an award, see `cover`."""
        awarded = notice.dated
        return (
            report.period_from <= awarded + AFTER
            and report.period_to >= awarded - BEFORE
            and _is_buyer(report.end_user_id, notice)
            and self._same_goods(report, line)
        )

    def _of(self, reseller_id: str) -> dict[str, SellThrough]:
        if reseller_id not in self._held:
            before = self._past.reports(reseller_id)
            self._held[reseller_id] = {report.report_id: report for report in before}
        return self._held[reseller_id]

    def _same_goods(self, report: SellThrough, line: AwardLine) -> bool:
        """One product, or where either names none, one category or the first levels of the other's."""
        if report.sku is not None and line.sku is not None:
            return report.sku == line.sku
        reported = self._categories(report.category, report.sku, report.known_at)
        awarded = self._categories(line.category, line.sku, report.known_at)
        return NULL not in {reported[0], awarded[0]} and (reported[0] in awarded or awarded[0] in reported)

    def _categories(self, path: str | None, sku: str | None, t: int) -> tuple[int, ...]:
        """Codes of a category, of its top, and of its first two levels; the product's as of `t` where none is named."""
        if path is not None or sku is None:
            return self._reference.category(path)
        facts = self._reference.products.at(self._reference.codes.code("sku", sku), t)
        return tuple(facts[: len(CATEGORY_FACTS)])


def _is_buyer(end_user_id: str | None, notice: Notice) -> bool:
    buyers = {text.casefold() for text in (notice.buyer_id, notice.buyer_name) if text is not None}
    return end_user_id is None or end_user_id.casefold() in buyers
