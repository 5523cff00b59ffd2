"""Notices of the Open Contracting Data Standard 1.0 and 1.1: release and record packages, JSON Lines, merged releases.

A release must name only `ocid` and `id`; an award only its `id`. So supplier, value, items, classes and dates may each
be missing, and a notice says less then. Contact points are never read, and addresses of mail and numbers of phones are
cut out of texts. (Schema: open-contracting/standard, 1__1__5.)
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from features.awards.buyers import buyer_class
from features.awards.goods import GoodsReader
from features.evidence import METHODS, AwardLine, Notice
from features.exchange import Exchange
from features.location.gazetteer import country_code
from features.measures import MAX_VALUE, Money, Quantity, Refused, instant, minor_digits
from features.trade import Place

Json = Mapping[str, Any]

_UNSUCCESSFUL = {"cancelled", "unsuccessful"}
_MAIL_OR_PHONE = re.compile(
    r"[\w.+-]+@[\w-]+\.[\w.]+|(?:联系人|联系电话|contact|tel|phone|fax|电话)[:：]?\s*[^,;，；。\n]{2,40}", re.IGNORECASE
)
_LONGEST = 500
_NO_PLACE = Place()


@dataclass(frozen=True, slots=True)
class Raw:
    """A release as published, and where it stood: `where` such as ``awards.jsonl:17``."""

    where: str
    release: Json


def releases(path: Path) -> Iterator["Raw | Refused"]:
    """The releases of a file: of packages, records, a list, one by itself, or one a line."""
    if path.suffix.lower() in {".jsonl", ".ndjson"}:
        with path.open(encoding="utf-8-sig") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    yield from _parsed(line, f"{path.name}:{number}")
        return
    yield from _parsed(path.read_text(encoding="utf-8-sig"), path.name)


def _parsed(text: str, where: str) -> Iterator["Raw | Refused"]:
    try:
        content = json.loads(text, parse_float=Decimal)
    except ValueError as error:
        yield Refused(where, text[:40], f"is not JSON ({error})", "write one package, or one release a line")
        return
    yield from _inside(content, where)


def _inside(content: Any, where: str) -> Iterator["Raw | Refused"]:
    if isinstance(content, list):
        for each in content:
            yield from _inside(each, where)
    elif not isinstance(content, dict):
        yield Refused(where, str(content)[:40], "is no release", "give OCDS 1.0 or 1.1")
    elif "records" in content:
        for record in content["records"]:
            yield from _record(record, where)
    elif "releases" in content:
        yield from _inside(content["releases"], where)
    elif "ocid" in content:
        yield Raw(where, content)
    else:
        yield Refused(where, ", ".join(list(content)[:5]), "names no release, no record and no ocid", "give OCDS 1.1")


def _record(record: Json, where: str) -> Iterator["Raw | Refused"]:
    """A record's merged release, else the releases that it holds; links alone tell nothing."""
    merged, held = record.get("compiledRelease"), record.get("releases") or []
    whole = [release for release in held if isinstance(release, dict) and "ocid" in release]
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
        awards = [award for award in _list(release, "awards") if isinstance(award, dict)]
        if not awards:
            return None
        parties = {
            party["id"]: party for party in _list(release, "parties") if isinstance(party, dict) and "id" in party
        }
        buyer = _party(release.get("buyer") or {}, parties) or _with_role(parties, "buyer")
        tender = release.get("tender") or {}
        published = _time(release.get("date"))
        dates = [at for award in awards if (at := _time(award.get("date"))) is not None]
        happened = min(dates, default=None)
        dated = happened if happened is not None else published
        living = [award for award in awards if award.get("status") not in _UNSUCCESSFUL]
        method = tender.get("procurementMethod")
        name = _text(buyer.get("name"))
        return Notice(
            notice_id=_id(release.get("ocid"), "ocid"),
            content_hash=content_hash(release),
            known_at=self._known_at(published),
            lines=tuple(line for award in living for line in self._lines(award, release, parties, dated)),
            published_at=published,
            happened_at=happened,
            source=raw.where,
            url=_url(release, awards),
            language=release.get("language"),
            buyer_id=_optional_id(buyer.get("id")),
            buyer_name=name,
            buyer_class=buyer_class(name, _classes(buyer), buyer.get("id"), self._listed),
            buyer_place=place_of(buyer.get("address")),
            method=method if method in METHODS else None,
        )

    def _lines(self, award: Json, release: Json, parties: Mapping[str, Json], dated: int | None) -> Iterator[AwardLine]:
        contracts = [each for each in _list(release, "contracts") if each.get("awardID") == award.get("id")]
        tender = release.get("tender") or {}
        sources = (award, *contracts, tender)
        items: list[Any] = next((found for each in sources if (found := _list(each, "items"))), [{}])
        value = next((each["value"] for each in (award, *contracts) if (each.get("value") or {}).get("amount")), None)
        suppliers = [_party(each, parties) for each in _list(award, "suppliers")] or [{}]
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
        description = _text(item.get("description") or said)
        classes = [item.get("classification") or {}, *_list(item, "additionalClassifications")]
        codes = [(str(each["scheme"]), str(each["id"])) for each in classes if each.get("scheme") and each.get("id")]
        sku = _optional_id(item.get("sku"))
        named = self._goods.read(" ".join(filter(None, (sku, description))) or None, codes)
        own = supplier.get("identifier") or {}
        return AwardLine(
            award_id=_id(award.get("id"), "award id"),
            supplier_id=_optional_id(own.get("id") or supplier.get("id")),
            supplier_name=_text(own.get("legalName") or supplier.get("name")),
            supplier_place=place_of(supplier.get("address")),
            description=description,
            category=item.get("category") or named.category,
            quantity=_quantity(item),
            amount=amount,
            value=self._value(amount, dated),
            sku=sku or named.sku,
            serial=_optional_id(item.get("serial")),
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


def place_of(address: Json | None) -> Place | None:
    """Country, region and locality of an address; the street is not kept."""
    told = address or {}
    country = told.get("country") or told.get("countryName")
    code = country_code(str(country)) if country else None
    parts = (
        code if code and re.fullmatch(r"[A-Z]{2}", code) else None,
        _text(told.get("region")),
        _text(told.get("locality")),
    )
    place = Place(*parts)
    return None if place == _NO_PLACE else place


def _list(content: Json, key: str) -> list[Any]:
    found = content.get(key)
    return found if isinstance(found, list) else []


def _party(reference: Json, parties: Mapping[str, Json]) -> Json:
    """What a reference and the party that it names say together."""
    return {**reference, **parties.get(str(reference.get("id")), {})}


def _with_role(parties: Mapping[str, Json], role: str) -> Json:
    return next((party for party in parties.values() if role in (party.get("roles") or ())), {})


def _classes(party: Json) -> Iterable[tuple[str, str]]:
    details = party.get("details") or {}
    for each in _list(details, "classifications"):
        yield str(each.get("scheme") or ""), str(each.get("id") or "")


def _amount(item: Json, value: Json | None, *, shared: bool) -> Money | None:
    """The item's own price times its quantity, else the award's value where it is of this item alone."""
    own = item.get("value") or {}
    if shared and own.get("amount"):
        return _money(_decimal(own["amount"]), own.get("currency"))
    price, quantity = (item.get("unit") or {}).get("value") or {}, item.get("quantity")
    if shared and price.get("amount") and quantity:
        return _money(_decimal(price["amount"]) * _decimal(quantity), price.get("currency"))
    return None if shared or value is None else _money(_decimal(value.get("amount")), value.get("currency"))


def _money(amount: Decimal, currency: object) -> Money | None:
    """An amount rounded to its minor unit; None where it or its currency makes no sense."""
    code = str(currency or "")
    if not re.fullmatch(r"[A-Z]{3}", code) or not amount.is_finite():
        return None
    minor = round(amount.scaleb(minor_digits(code)))
    return Money(minor, code) if 0 <= minor <= MAX_VALUE else None


def _quantity(item: Json) -> Quantity | None:
    number = _decimal(item.get("quantity"))
    milli = round(number * 1000) if number.is_finite() else -1
    return Quantity(milli, "each") if 0 < milli <= MAX_VALUE else None


def _decimal(number: object) -> Decimal:
    try:
        return Decimal(str(number))
    except InvalidOperation:
        return Decimal("NaN")


def _time(text: object) -> int | None:
    try:
        return instant(str(text), UTC) if text else None
    except Refused:
        return None


def _text(text: object) -> str | None:
    """A text without what points at persons, cut to a length that can be read."""
    if not isinstance(text, str):
        return None
    kept = re.sub(r"[\x00-\x1f\x7f\ud800-\udfff]+", " ", _MAIL_OR_PHONE.sub("", text)).strip()
    return kept[:_LONGEST] or None


def _id(text: object, column: str) -> str:
    found = _optional_id(text)
    if found is None:
        raise Refused(column, text, "is missing", "OCDS requires it; name the notice in a way that no other is named")
    return found


def _optional_id(text: object) -> str | None:
    if text is None or isinstance(text, dict | list):
        return None
    return re.sub(r"[\x00-\x1f\x7f\ud800-\udfff]+", " ", str(text)).strip()[:200].strip() or None


def _url(release: Json, awards: Iterable[Json]) -> str | None:
    """Where the notice can be read."""
    documents = [each for award in awards for each in _list(award, "documents")]
    told = [release.get("url"), release.get("uri"), *(each.get("url") for each in documents)]
    return next((str(each)[:_LONGEST] for each in told if each), None)
