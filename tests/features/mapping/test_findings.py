"""What was found, in the rows of orders and in files of their own."""

from pathlib import Path

import pytest

from features.mapping import Rejected
from features.measures import instant
from features.trade import Finding, Order, Outcome, Status, StatusChange
from tests.features.mapping.written import ORDERS, only, read

INLINE = (
    ORDERS
    + """
[finding]
outcome = { column = "found", map = { ja = "diverted", nein = "cleared", "?" = "unknown" } }
happened_at = "when"
known_at = { latest_of = ["when", "at"] }
"""
)
HEAD = "order,reseller,at,sku,found,when\n"
OWN = """
[finding]
order_id = "order"
outcome = "found"
happened_at = "when"
known_at = { lag = "1 day" }
"""


def test_unknown_is_no_finding(tmp_path: Path) -> None:
    """Nor is an empty cell; it is not `cleared` either."""
    rows = "".join(f"o{i},r,2024-01-01T10:00Z,a,{word},2024-02-01T00:00Z\n" for i, word in enumerate(("ja", "?", "")))
    said = read(tmp_path, INLINE, orders=HEAD + rows)
    assert len(only(Order, said)) == 3
    assert [(found.finding_id, found.outcome) for found in only(Finding, said)] == [("o0/1/finding", Outcome.DIVERTED)]


def test_a_label_that_the_map_does_not_name_is_refused(tmp_path: Path) -> None:
    """Never guessed."""
    [refused] = read(tmp_path, INLINE, orders=HEAD + "o1,r,2024-01-01T10:00Z,a,vielleicht,2024-02-01T00:00Z\n")
    assert (refused.column, refused.value, refused.why) == ("found", "vielleicht", "is not named in the mapping")
    assert refused.mend == "add it to `map`, which names ja, nein, ?"


def test_a_finding_is_known_at_the_latest_of_its_columns(tmp_path: Path) -> None:
    """A decision dated before the order was not known before the order."""
    _, found = read(tmp_path, INLINE, orders=HEAD + "o1,r,2024-03-01T10:00Z,a,ja,2024-02-01T00:00Z\n")
    assert found.happened_at == instant("2024-02-01T00:00Z")
    assert found.known_at == instant("2024-03-01T10:00Z")


def test_a_finding_without_its_time_is_refused_with_its_order(tmp_path: Path) -> None:
    """Who says something says when."""
    [refused] = read(tmp_path, INLINE, orders=HEAD + "o1,r,2024-03-01T10:00Z,a,ja,\n")
    assert (refused.column, refused.why) == ("when", "is missing")


def test_a_finding_about_the_order_is_one_for_all_its_rows(tmp_path: Path) -> None:
    """And rows that disagree are refused."""
    row = "o1,r,2024-01-01T10:00Z,a,{},2024-02-01T00:00Z\n"
    mapping = INLINE + 'about = "order"\n'
    said = read(tmp_path, mapping, orders=HEAD + row.format("ja") * 2)
    assert [(found.finding_id, found.line_id) for found in only(Finding, said)] == [("o1/finding", None)]
    said = read(tmp_path, mapping, orders=HEAD + row.format("ja") + row.format("nein"))
    assert [refused.row for refused in only(Rejected, said)] == [2, 3]
    assert "another finding 'o1/finding'" in said[1].why


def test_findings_in_a_file_of_their_own(tmp_path: Path) -> None:
    """With a lag where nothing says when they became known."""
    [found] = read(tmp_path, OWN, findings="order,found,when\no1,diverted,2024-02-01T00:00Z\n")
    assert (found.finding_id, found.order_id, found.line_id) == ("o1/finding", "o1", None)
    assert found.known_at == instant("2024-02-02T00:00Z")


def test_a_finding_on_a_reseller(tmp_path: Path) -> None:
    """Names the reseller instead of an order."""
    mapping = OWN.replace('order_id = "order"', 'reseller_id = "who"\nconfidence = "sure"')
    rows = "who,found,when,sure\nr1,diverted,2024-02-01T00:00Z,0.9\nr1,cleared,2024-02-01T00:00Z,90\n"
    found, refused = read(tmp_path, mapping, findings=rows)
    assert (found.finding_id, found.reseller_id, found.confidence) == ("r1/finding", "r1", 0.9)
    assert (refused.column, refused.value, refused.why) == ("sure", "90", "is not in (0, 1]")


def test_a_lag_into_the_future_is_refused(tmp_path: Path) -> None:
    """A moving date would make the same finding another one each day."""
    [refused] = read(tmp_path, OWN, findings="order,found,when\no1,diverted,2024-12-31T12:00:00Z\n")
    assert refused.why == "is in the future (2025-01-01T12:00:00Z)"


@pytest.mark.parametrize(("known", "taken"), [(None, True), ({"o1"}, True), ({"o2"}, False)])
def test_a_finding_judges_a_known_order(tmp_path: Path, known: set[str] | None, taken: bool) -> None:
    """Checked where the caller tells which orders are known."""
    [said] = read(tmp_path, OWN, known, findings="order,found,when\no1,diverted,2024-02-01T00:00Z\n")
    assert isinstance(said, Finding) == taken
    assert taken or (said.column, said.value, said.why) == ("order", "o1", "is not a known order")


def test_a_const_status_without_a_date_has_not_happened_yet(tmp_path: Path) -> None:
    """Orders carry their date of shipping, if they shipped."""
    mapping = ORDERS + '[status]\nstatus = { const = "shipped" }\nhappened_at = "shipped"\n'
    rows = "o1,r,2024-01-01T10:00Z,a,2024-01-05T00:00Z\no2,r,2024-01-01T10:00Z,a,\n"
    said = read(tmp_path, mapping, orders="order,reseller,at,sku,shipped\n" + rows)
    at = instant("2024-01-05T00:00Z")
    assert only(StatusChange, said) == [StatusChange("o1", Status.SHIPPED, at, at)]


def test_a_status_in_a_file_of_its_own(tmp_path: Path) -> None:
    """An unknown word is refused with the nearest one."""
    mapping = '[status]\norder_id = "o"\nstatus = "s"\nhappened_at = "t"\n'
    rows = "o,s,t\no1,held,2024-01-05T00:00Z\no1,cancelled,\no1,helt,2024-01-06T00:00Z\n"
    change, undated, misspelt = read(tmp_path, mapping, statuses=rows)
    assert (change.order_id, change.status) == ("o1", Status.HELD)
    assert (undated.column, undated.why) == ("t", "is missing")
    assert misspelt.mend == "name it in `map`; did you mean 'held'?"


def test_who_vouches_is_declared_and_bound_by_the_rule(tmp_path: Path) -> None:
    """Two names make it stand, one is a claim; a mapping that names nobody brings findings as they were."""
    mapping = OWN + 'who = "who"\ngrade = "grade"\n'
    rows = "o1,diverted,2024-02-01T00:00Z,ana; ben:legal,B\no2,diverted,2024-02-01T00:00Z,ana,\n"
    two, one = read(tmp_path, mapping, findings="order,found,when,who,grade\n" + rows)
    assert (two.outcome, two.who, two.grade) == (Outcome.DIVERTED, ("ana", "ben:legal"), "B")
    assert (one.outcome, one.claimed) == (Outcome.INCONCLUSIVE, Outcome.DIVERTED)
