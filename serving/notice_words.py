"""A notice in words, as the analyst reads it: what was understood of it, and why it points at no sale."""

from collections.abc import Iterator

from features.awards.linking import FEW
from features.awards.policy import BuyerPolicy
from features.evidence import AwardLine, LinkedLine, Linking, Notice
from serving.evidence import Changes

WITHDRAWN = "nothing is awarded any more: what this notice awarded before no longer counts"
_LONG = 80


def buyer(notice: Notice) -> str:
    """Who bought, and what kind of body that is."""
    place = notice.buyer_place
    where = ", ".join(part for part in (place.city, place.region, place.country) if part) if place else ""
    return f"buyer: {notice.buyer_name or 'not named'} ({notice.buyer_class}{'; ' + where if where else ''})"


def policy(notice: Notice) -> str | None:
    """What policy says of the buyer; None where it says nothing."""
    rule = BuyerPolicy().forbids(notice)
    if rule is None:
        return None
    return f"policy forbids this buyer: {rule.buyer_class} in a region of level {rule.region_level} or above"


def lines(notice: Notice, linking: Linking) -> Iterator[str]:
    """Each line as it was understood, and why it points at no sale where it does not."""
    pointing = {link.line for link in linking.links}
    for number, (line, linked) in enumerate(zip(notice.lines, linking.lines, strict=True)):
        told = f"{_goods(line)}; {_supplier(line, linked)}; {_amounts(line)}"
        yield told if number in pointing else f"{told}; no sale of ours is named: {_why_none(line)}"


def changes(found: Changes | None, days: int, most: int) -> Iterator[str]:
    """Which open orders change their action, at `most` so many one by one, and why the others cannot."""
    if found is None:
        yield "no model serves, so no action can change"
        return
    shared = "what a feature counts awards by (the reseller, or the goods and where they go)"
    yield f"{found.open:,} orders of the last {days} days are open"
    if not found.touched:
        yield f"none of them shares with these awards {shared}, so no action can change"
        return
    yield f"{found.touched:,} of them share with these awards {shared}; asked again without the awards and with them"
    yield "the others cannot change: no feature of theirs counts these awards"
    yield f"action changes: {len(found.changed):,}"
    for each in found.changed[:most]:
        odds = f"probability {each.probability_before:.4f} to {each.probability_after:.4f}"
        yield f"  order {each.order_id} of {each.reseller_id}: {each.before.value} to {each.after.value}, {odds}"
        yield from (f"      {moved.feature}: {moved.before:g} to {moved.after:g}" for moved in each.moved)
    if len(found.changed) > most:
        yield f"  and {len(found.changed) - most:,} more"


def _goods(line: AwardLine) -> str:
    said = line.description or "goods not described"
    said = said if len(said) <= _LONG else said[:_LONG] + "..."
    return f"{said} ({line.category or 'none of our goods, as far as we can tell'})"


def _supplier(line: AwardLine, linked: LinkedLine) -> str:
    named = line.supplier_name or line.supplier_id
    if named is None:
        return "no supplier named"
    return f"{named} ({'none of our resellers' if linked.reseller_id is None else linked.reseller_id})"


def _amounts(line: AwardLine) -> str:
    count = f"{line.quantity.milli / 1000:g} {line.quantity.unit}" if line.quantity else "no quantity"
    shared = "no value of its own" if line.bundled else "no value"
    return f"{count}, {f'{line.amount.major:,} {line.amount.currency}' if line.amount else shared}"


def _why_none(line: AwardLine) -> str:
    """Only for a line of which no link tells: with a supplier of ours there is one, if of grade D."""
    if line.category is None:
        return "its words, codes and numbers name none of our goods; the template's `category` can"
    lacking = [name for name, held in (("quantity", line.quantity), ("value", line.value)) if held is None]
    if lacking:
        return f"without a supplier of ours it takes quantity and value to find one; {' and '.join(lacking)} is missing"
    return f"without a supplier of ours, none of such goods in this quantity fits, or more than {FEW} do"
