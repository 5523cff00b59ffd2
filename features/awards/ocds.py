"""Notices of the Open Contracting Data Standard 1.0 and 1.1: release and record packages, JSON Lines, merged releases.

A release must name only `ocid` and `id`; an award only its `id`. So supplier, value, items, classes and dates may each
be missing, and a notice says less then. Contact points are never read, and addresses of mail and numbers of phones are
cut out of texts. (Schema: open-contracting/standard, 1__1__5.)
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from features.awards.buyers import buyer_class
from features.awards.fields import (
    LONGEST,
    Json,
    id_of,
    money_of,
    number_of,
    object_of,
    objects,
    place_of,
    quantity_of,
    text_of,
    time_of,
)
from features.awards.goods import GoodsReader
from features.evidence import METHODS, AwardLine, Notice
from features.exchange import Exchange
from features.measures import Money, Refused

NO_UTF_8 = ("is not UTF-8", "save it as UTF-8; Chinese papers are often GB 18030, Excel writes what it calls Unicode")
"""Why a file cannot be read whose bytes are another encoding's, and the mend."""

UNSUCCESSFUL = {"cancelled", "unsuccessful"}


@dataclass(frozen=True, slots=True)
class Raw:
    """A release as published, and where it stood: `where` such as ``awards.jsonl:17``."""

    where: str
    release: Json


def releases(path: Path) -> Iterator["Raw | Refused"]:
    """The releases of a file: of packages, records, a list, one by itself, or one a line."""
    if path.suffix.lower() in {".jsonl", ".ndjson"}:
        with path.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    yield from _parsed(line, f"{path.name}:{number}")
        return
    yield from _parsed(path.read_bytes(), path.name)


def _parsed(written: bytes, where: str) -> Iterator["Raw | Refused"]:
    try:
        text = written.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        yield Refused(where, f"byte {error.start}", *NO_UTF_8)
        return
    try:
        content = json.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        yield Refused(where, text[:40].strip(), f"is not JSON ({error})", "write one package, or one release a line")
        return
    yield from _inside(content, where)


def _inside(content: Any, where: str) -> Iterator["Raw | Refused"]:
    if isinstance(content, list):
        for each in content:
            yield from _inside(each, where)
    elif not isinstance(content, dict):
        yield Refused(where, str(content)[:40], "is no release", "give OCDS 1.0 or 1.1")
    elif "records" in content:
        for record in objects(content, "records"):
            yield from _record(record, where)
    elif "releases" in content:
        yield from _inside(content["releases"], where)
    elif "ocid" in content:
        yield Raw(where, content)
    else:
        yield Refused(where, ", ".join(list(content)[:5]), "names no release, no record and no ocid", "give OCDS 1.1")


def _record(record: Json, where: str) -> Iterator["Raw | Refused"]:
    """A record's merged release, else the releases that it holds; links alone tell nothing."""
    merged, held = object_of(record, "compiledRelease"), objects(record, "releases")
    whole = [release for release in held if "ocid" in release]
    if merged:
        yield Raw(where, merged)
    elif whole:
        yield from _inside(whole, where)
    else:
        yield Refused(where, record.get("ocid"), "only links to its releases", "give the files that it links to")


class NoticeReader:
    """Turns releases into notices. `known_at` tells when a notice became known, from when it was published."""

    def __init__(
        self,
        exchange: Exchange,
        goods: GoodsReader,
        known_at: Callable[[int | None], int],
        listed_buyers: Mapping[str, str] | None = None,
    ) -> None:
        self._exchange, self._goods, self._known_at = exchange, goods, known_at
        self._listed = listed_buyers or {}

    def read(self, raw: Raw) -> Notice | None:
        """The notice of a release; None where it awards nothing (a plan, a tender). Raises `Refused`."""
        release = raw.release
        awards = objects(release, "awards")
        if not awards:
            return None
        parties = {str(party["id"]): party for party in objects(release, "parties") if "id" in party}
        buyer = _party(object_of(release, "buyer"), parties) or _with_role(parties, "buyer")
        tender = object_of(release, "tender")
        published = time_of(release.get("date"))
        dates = [at for award in awards if (at := time_of(award.get("date"))) is not None]
        happened = min(dates, default=None)
        dated = happened if happened is not None else published
        living = [award for award in awards if str(award.get("status")) not in UNSUCCESSFUL]
        method = tender.get("procurementMethod")
        name = text_of(buyer.get("name"))
        return Notice(
            notice_id=_id(release.get("ocid"), "ocid"),
            content_hash=content_hash(release),
            known_at=self._known_at(published),
            lines=tuple(line for award in living for line in self._lines(award, release, parties, dated)),
            published_at=published,
            happened_at=happened,
            source=raw.where,
            url=_url(release, awards),
            language=text_of(release.get("language")),
            buyer_id=id_of(buyer.get("id")),
            buyer_name=name,
            buyer_class=buyer_class(name, _classes(buyer), id_of(buyer.get("id")), self._listed),
            buyer_place=place_of(object_of(buyer, "address")),
            method=method if method in METHODS else None,
        )

    def _lines(self, award: Json, release: Json, parties: Mapping[str, Json], dated: int | None) -> Iterator[AwardLine]:
        contracts = [each for each in objects(release, "contracts") if each.get("awardID") == award.get("id")]
        sources = (award, *contracts, object_of(release, "tender"))
        items: list[Json] = next((found for each in sources if (found := objects(each, "items"))), [{}])
        values = (object_of(each, "value") for each in (award, *contracts))
        value = next((each for each in values if each.get("amount")), None)
        suppliers = [_party(each, parties) for each in objects(award, "suppliers")] or [{}]
        said = next((text for each in sources for key in ("description", "title") if (text := each.get(key))), None)
        shared = len(items) > 1 or len(suppliers) > 1
        for supplier in suppliers:
            for item in items:
                amount = _amount(item, value, shared=shared)
                yield self._line(award, supplier, item, said, amount, dated, bundled=shared and amount is None)

    def _line(
        self,
        award: Json,
        supplier: Json,
        item: Json,
        said: str | None,
        amount: Money | None,
        dated: int | None,
        *,
        bundled: bool,
    ) -> AwardLine:
        description = text_of(item.get("description") or said)
        classes = [object_of(item, "classification"), *objects(item, "additionalClassifications")]
        codes = [(str(each["scheme"]), str(each["id"])) for each in classes if each.get("scheme") and each.get("id")]
        sku = id_of(item.get("sku"))
        named = self._goods.read(" ".join(filter(None, (sku, description))) or None, codes)
        own = object_of(supplier, "identifier")
        return AwardLine(
            award_id=_id(award.get("id"), "award id"),
            supplier_id=id_of(own.get("id") or supplier.get("id")),
            supplier_name=text_of(own.get("legalName") or supplier.get("name")),
            supplier_place=place_of(object_of(supplier, "address")),
            description=description,
            category=text_of(item.get("category")) or named.category,
            quantity=quantity_of(item),
            amount=amount,
            value=self._value(amount, dated),
            sku=sku or named.sku,
            serial=id_of(item.get("serial")),
            bundled=bundled,
        )

    def _value(self, amount: Money | None, dated: int | None) -> int | None:
        """In the record's currency at the rate of the award's date; None where there is no rate."""
        if amount is None or (dated is None and amount.currency != self._exchange.currency):
            return None
        try:
            return self._exchange.convert(amount, dated or 0)
        except Refused:
            return None


def content_hash(release: Json) -> str:
    """SHA-256 of a release as published: equal content in another order or another file is equal."""
    text = json.dumps(release, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()


def _party(reference: Json, parties: Mapping[str, Json]) -> Json:
    """What a reference and the party that it names say together."""
    return {**reference, **parties.get(str(reference.get("id")), {})}


def _with_role(parties: Mapping[str, Json], role: str) -> Json:
    return next((party for party in parties.values() if role in _texts(party, "roles")), {})


def _texts(content: Json, key: str) -> list[Any]:
    found = content.get(key)
    return found if isinstance(found, list) else []


def _classes(party: Json) -> Iterable[tuple[str, str]]:
    for each in objects(object_of(party, "details"), "classifications"):
        yield str(each.get("scheme") or ""), str(each.get("id") or "")


def _amount(item: Json, value: Json | None, *, shared: bool) -> Money | None:
    """The item's own price times its quantity, else the award's value where it is of this item alone."""
    own = object_of(item, "value")
    if shared and own.get("amount"):
        return money_of(own)
    price, quantity = object_of(object_of(item, "unit"), "value"), item.get("quantity")
    if shared and price.get("amount") and quantity:
        return money_of(price, number_of(quantity))
    return None if shared or value is None else money_of(value)


def _id(text: object, column: str) -> str:
    found = id_of(text)
    if found is None:
        raise Refused(column, text, "is missing", "OCDS requires it; name the notice in a way that no other is named")
    return found


def _url(release: Json, awards: Iterable[Json]) -> str | None:
    """Where the notice can be read."""
    documents = [each for award in awards for each in objects(award, "documents")]
    told = [release.get("url"), release.get("uri"), *(each.get("url") for each in documents)]
    return next((str(each)[:LONGEST] for each in told if each), None)
