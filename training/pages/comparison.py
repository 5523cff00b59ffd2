"""The page of a comparison."""

from collections.abc import Iterator

from features.measures import iso
from training.compare import SMALLER_IS_BETTER, Comparison
from training.pages.html import Cell, interval_picture, note, page, paragraph, section, table

MOST_FLIPS = 2_000
"""Orders that a page lists; the JSON lists all."""


def comparison_page(comparison: Comparison) -> str:
    """A comparison as a page: the verdict, paired differences overall and by slice, and the orders that flip."""
    title = f"Challenger {comparison.challenger[:12]} against champion {comparison.champion[:12]}"
    return page(title, _parts(comparison))


def name_of(comparison: Comparison) -> str:
    """How the page's file is called, without what tells one comparison over a period from another."""
    return f"comparison-{comparison.champion[:12]}-{iso(comparison.start)[:10]}-{iso(comparison.end)[:10]}"


def _parts(of: Comparison) -> Iterator[str]:
    yield section("Verdict", paragraph(of.sentence()), *(note(each) for each in of.notes))
    yield paragraph(
        f"Order lines from {iso(of.start)} to {iso(of.end)}: {of.lines:,} judged lines, {of.positives:,} diverted, "
        f"{of.groups:,} groups. In brackets: 95 % bootstrap intervals; differences are paired on the same draws."
    )
    yield section("Measures", _measures(of))
    if of.slices:
        yield section("Slices", _slices(of))
    yield section("Orders that would be treated otherwise", _flips(of))


def _measures(of: Comparison) -> str:
    rows: list[list[Cell]] = [
        [name, of.samples["challenger"].interval(name), of.samples["champion"].interval(name), difference]
        for name, difference in of.differences.items()
    ]
    better = ", ".join(sorted(SMALLER_IS_BETTER & set(of.differences)))
    shown = [(name, each) for name, each in of.differences.items() if name != "loss"]  # in money, of another size
    drawn = interval_picture("The challenger minus the champion", "difference", shown, 0.0)
    below = paragraph(f"Smaller is better for {better}.") if better else ""
    return drawn + below + table(["", "challenger", "champion", "difference"], rows)


def _slices(of: Comparison) -> str:
    shown = [(name, difference) for name, (_, difference) in of.slices.items()]
    drawn = interval_picture(
        "The challenger minus the champion, by slice", "difference in average precision", shown, 0.0
    )
    rows: list[list[Cell]] = [[name, positives, difference] for name, (positives, difference) in of.slices.items()]
    return drawn + table(["slice", "diverted", "difference in average precision"], rows)


def _flips(of: Comparison) -> str:
    told = f"{len(of.flips):,} of {of.orders:,} orders would be treated otherwise by their score."
    if len(of.flips) > MOST_FLIPS:
        told += f" The {MOST_FLIPS:,} whose probability moves most are listed; the JSON holds all."
    found = {None: "unknown", True: "diverted", False: "cleared"}
    rows: list[list[Cell]] = [
        [flip.order_id, flip.reseller_id, flip.before, flip.after, flip.after - flip.before,
         "proceed -> review" if flip.waits else "review -> proceed", found[flip.diverted]]
        for flip in of.flips[:MOST_FLIPS]
    ]  # fmt: skip
    heading = ["order", "reseller", "champion", "challenger", "moved by", "action", "found"]
    return paragraph(told) + table(heading, rows)
