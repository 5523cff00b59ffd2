"""Notices of the Open Contracting Data Standard."""

import json
from pathlib import Path
from typing import Any

from features.awards.goods import GoodsReader
from features.awards.ocds import NoticeReader, Raw, content_hash, releases
from features.exchange import Exchange
from features.measures import Refused, instant
from tests.features.awards.made import raw, release

READER = NoticeReader(Exchange(), GoodsReader(), lambda published: published or 0)


def written(path: Path, content: Any) -> list[Raw | Refused]:
    """What is read of a file with this content."""
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return list(releases(path))


def test_a_release_says_who_bought_what_from_whom() -> None:
    """With its dates, class and goods."""
    notice = READER.read(raw(release()))
    assert notice is not None
    [line] = notice.lines
    assert (notice.notice_id, notice.buyer_class, notice.method, notice.language) == (
        "ocds-1",
        "security",
        "direct",
        "zh",
    )
    assert notice.published_at == instant("2024-12-17T00:00:00Z")
    assert (line.supplier_id, line.category, line.value) == ("r1", "forensics/hid-kit", 1_500)
    assert notice.buyer_place is not None
    assert notice.buyer_place.city == "库尔勒市"


def test_persons_are_dropped_at_the_door() -> None:
    """Contact points, and addresses of mail in texts."""
    told = release(items=[{"description": "STR kit, 联系人：王五, mail wang@example.com"}])
    notice = READER.read(raw(told))
    assert "wang" not in repr(notice).lower()
    assert "王五" not in repr(notice)


def test_an_award_needs_only_its_id() -> None:
    """Supplier, value, items and dates may each be missing."""
    notice = READER.read(raw({"ocid": "x", "awards": [{"id": "1"}]}))
    assert notice is not None
    [line] = notice.lines
    assert (line.supplier_id, line.value, line.category, notice.published_at) == (None, None, None, None)


def test_a_plan_awards_nothing() -> None:
    """Nor does a tender."""
    assert READER.read(raw({"ocid": "x", "tag": ["tender"], "tender": {"id": "t"}})) is None


def test_several_goods_at_one_price_are_a_bundle() -> None:
    """Whose value is nobody's, unless the items have prices of their own."""
    items: list[dict[str, Any]] = [{"description": "STR kit"}, {"description": "sequencer"}]
    bundle = READER.read(raw(release(items=items)))
    assert bundle is not None
    assert [(line.value, line.bundled) for line in bundle.lines] == [(None, True)] * 2
    priced = [item | {"quantity": 2, "unit": {"value": {"amount": 3, "currency": "USD"}}} for item in items]
    apart = READER.read(raw(release(items=priced)))
    assert apart is not None
    assert [(line.value, line.bundled) for line in apart.lines] == [(600, False)] * 2


def test_a_contract_lends_its_award_what_that_lacks() -> None:
    """Items and value."""
    told = release(items=[], value=None)
    told["contracts"] = [
        {"id": "c", "awardID": "1", "items": [{"description": "STR kit"}], "value": {"amount": 2, "currency": "USD"}}
    ]
    notice = READER.read(raw(told))
    assert notice is not None
    assert (notice.lines[0].category, notice.lines[0].value) == ("forensics/hid-kit", 200)


def test_each_shape_of_file_holds_its_releases(tmp_path: Path) -> None:
    """Packages of releases and records, a list, one alone, one a line."""
    one, two = release("a"), release("b")
    record = {"records": [{"ocid": "a", "compiledRelease": one, "releases": [two]}, {"ocid": "b", "releases": [two]}]}
    for content in ({"releases": [one, two]}, [one, two], record):
        found = written(tmp_path / "n.json", content)
        assert [each.release["ocid"] for each in found if isinstance(each, Raw)] == ["a", "b"]
    lines = written(tmp_path / "n.jsonl", json.dumps(one) + "\n\n" + json.dumps(two))
    assert [each.where for each in lines if isinstance(each, Raw)] == ["n.jsonl:1", "n.jsonl:3"]


def test_what_is_no_release_is_refused_with_its_line(tmp_path: Path) -> None:
    """And so is a record that only links to its releases."""
    linked = {"records": [{"ocid": "a", "releases": [{"url": "https://example.com/a"}]}]}
    for content, why in ((linked, "only links"), ({"id": 1}, "names no release"), ("{", "is not JSON")):
        [refused] = written(tmp_path / "n.json", content)
        assert isinstance(refused, Refused)
        assert why in str(refused)


def test_equal_content_has_one_hash() -> None:
    """In whatever order it is written."""
    content = release()
    assert content_hash(content) == content_hash(dict(reversed(content.items())))
    assert content_hash(content) != content_hash(release(status="active"))


def test_the_example_is_a_notice() -> None:
    """Of a security buyer in Korla."""
    [given] = releases(Path(__file__).parents[3] / "examples" / "notice.json")
    assert isinstance(given, Raw)
    notice = READER.read(given)
    assert notice is not None
    assert (notice.notice_id, notice.buyer_class, len(notice.lines)) == ("ocds-example-0001", "security", 1)


def test_a_file_of_another_encoding_is_refused(tmp_path: Path) -> None:
    """A line of JSON Lines alone; the others are read."""
    file = tmp_path / "n.jsonl"
    told = [json.dumps(release(name), ensure_ascii=False) for name in ("ocds-1", "ocds-2")]
    file.write_bytes(told[0].encode() + b"\n" + told[1].encode("gb18030") + b"\n")
    first, second = releases(file)
    assert isinstance(first, Raw)
    assert "n.jsonl:2" in str(second)
    assert "is not UTF-8" in str(second)
