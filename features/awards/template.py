"""The template for notices that exist as pages or papers only: a CSV or Excel file, one row a kind of goods.

Rows become releases of OCDS, so that all notices are read in one way. The columns are `COLUMNS`; only `notice_id` must
be filled. There is no column for a person, and columns that the template does not know are refused.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

from features.awards.fields import money_of, quantity_of, time_of
from features.awards.ocds import NO_UTF_8, Raw
from features.evidence import METHODS
from features.mapping.kinds import near
from features.measures import Refused

COLUMNS = (
    *("notice_id", "published_at", "awarded_at", "language", "url", "method"),
    *("buyer_id", "buyer_name", "buyer_country", "buyer_region", "buyer_city", "buyer_cofog"),
    *("award_id", "supplier_id", "supplier_name", "supplier_country", "supplier_region", "supplier_city"),
    *("description", "category", "scheme", "code", "sku", "serial", "quantity", "amount", "currency"),
)

_Row = dict[str, str]


def template_releases(path: Path) -> Iterator["Raw | Refused"]:
    """The releases that the rows of a file make; rows of one notice stand together."""
    rows = list(_excel(path) if path.suffix.lower() == ".xlsx" else _csv(path))
    for notice_id, group in _notices(rows):
        number, first = group[0]
        wrong = [each for at, row in group for each in _wrong(row, f"{path.name}:{at}")]
        if not notice_id:
            yield Refused(f"{path.name}:{number}: notice_id", "", "is missing", "name each notice, on each of its rows")
        elif wrong:
            yield from wrong
        else:
            yield Raw(f"{path.name}:{number}", _release(first, [row for _, row in group]))


def _wrong(row: _Row, where: str) -> Iterator[Refused]:
    """What somebody typed and can mend: the notice is not taken until it makes sense."""
    for column in ("published_at", "awarded_at"):
        if row.get(column) and time_of(row[column]) is None:
            yield Refused(f"{where}: {column}", row[column], "is neither date nor time", "write it as 2026-05-31")
    if row.get("quantity") and quantity_of(row) is None:
        yield Refused(f"{where}: quantity", row["quantity"], "is no count of pieces", "write it as 12, no unit")
    if row.get("amount") and money_of(row) is None:
        said = f"{row['amount']} {row.get('currency') or 'without a currency'}"
        yield Refused(f"{where}: amount", said, "is no amount of a currency", "write it as 1200.50, and USD")
    if row.get("method") and row["method"] not in METHODS:
        yield Refused(f"{where}: method", row["method"], "is no method", f"use one of {', '.join(METHODS)}")


def _csv(path: Path) -> Iterator[tuple[int, _Row]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused(path.name, f"byte {error.start}", *NO_UTF_8) from None
    reader = csv.DictReader(io.StringIO(text, newline=""))
    _known(path, reader.fieldnames or ())
    for row in reader:
        yield reader.line_num, {name: (row.get(name) or "").strip() for name in reader.fieldnames or ()}


def _excel(path: Path) -> Iterator[tuple[int, _Row]]:
    book = load_workbook(path, read_only=True, data_only=True)
    try:
        rows = book.worksheets[0].iter_rows(values_only=True)
        heading = [str(name).strip() if name is not None else "" for name in next(rows, ())]
        _known(path, heading)
        for number, cells in enumerate(rows, start=2):
            if any(cell is not None for cell in cells):
                yield number, {name: _cell(cell) for name, cell in zip(heading, cells, strict=False)}
    finally:
        book.close()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if hasattr(value, "isoformat"):  # midnight stands for a day without a time
        return str(value.date() if getattr(value, "hour", 0) == 0 and hasattr(value, "date") else value.isoformat())
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()


def _known(path: Path, heading: Sequence[str]) -> None:
    other = next((mark for mark in (";", "\t") if len(heading) == 1 and mark in heading[0]), None)
    if other is not None:
        raise Refused(path.name, other, "separates its columns", "save it with commas, or as .xlsx")
    for name in heading:
        if name not in COLUMNS:
            raise Refused(f"{path.name}: {name}", name, "is not a column of the template", near(name, COLUMNS))
    if "notice_id" not in heading:
        raise Refused(f"{path.name}: notice_id", None, "is no column of the file", "begin with the template's heading")


def _notices(rows: Iterable[tuple[int, _Row]]) -> Iterator[tuple[str, list[tuple[int, _Row]]]]:
    notices: dict[str, list[tuple[int, _Row]]] = {}
    for number, row in rows:
        notices.setdefault(row["notice_id"], []).append((number, row))
    yield from notices.items()


def _release(first: _Row, rows: list[_Row]) -> dict[str, Any]:
    awards: dict[str, dict[str, Any]] = {}
    for row in rows:
        award = awards.setdefault(row.get("award_id") or "1", _award(row))
        award["items"].append(_item(row))
    for award in awards.values():
        _price(award)
    cofog = first.get("buyer_cofog")
    buyer = {
        "id": first.get("buyer_id") or "buyer",
        "name": first.get("buyer_name"),
        "address": _address(first, "buyer"),
        "details": {"classifications": [{"scheme": "COFOG", "id": cofog}] if cofog else []},
    }
    return {
        "ocid": first["notice_id"],
        "date": first.get("published_at"),
        "language": first.get("language") or None,
        "url": first.get("url") or None,
        "tender": {"procurementMethod": first.get("method")},
        "buyer": buyer,
        "awards": list(awards.values()),
    }


def _award(row: _Row) -> dict[str, Any]:
    named = row.get("supplier_id") or row.get("supplier_name")
    supplier = {
        "id": row.get("supplier_id") or None,
        "name": row.get("supplier_name"),
        "address": _address(row, "supplier"),
    }
    return {
        "id": row.get("award_id") or "1",
        "date": row.get("awarded_at"),
        "suppliers": [supplier] if named else [],
        "items": [],
    }


def _item(row: _Row) -> dict[str, Any]:
    coded = row.get("scheme") and row.get("code")
    item: dict[str, Any] = {
        name: row.get(name) or None for name in ("description", "category", "sku", "serial", "quantity")
    }
    item["classification"] = {"scheme": row["scheme"], "id": row["code"]} if coded else None
    item["value"] = {"amount": row.get("amount") or None, "currency": row.get("currency")}
    return item


def _price(award: dict[str, Any]) -> None:
    """A row's amount is that row's; it stands as the award's value where there is one row only."""
    if len(award["items"]) == 1:
        award["value"] = award["items"][0]["value"]


def _address(row: _Row, party: str) -> dict[str, str | None]:
    names = (("country", "country"), ("region", "region"), ("locality", "city"))
    return {key: row.get(f"{party}_{column}") or None for key, column in names}
