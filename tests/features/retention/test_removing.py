"""What was kept for its time goes, and nothing else; the chain still holds, and tells every other change."""

from typing import Any

import pytest
from sqlalchemy import exc, text

from features.measures import DAY, Refused
from features.record import LegalHold, Record, Redaction, databases
from features.record.ledger import METADATA
from features.record.redactions import redaction_of
from features.retention.policy import RetentionRule, load_retention, years_after
from features.retention.removing import DIVERTED, LEGAL, NO_RULE, TIME, Removal, Tally, retain
from features.trade import Place
from tests import factory as a

RULES = load_retention()
REMOVAL = Removal(("ana", "ben"), "policy 7")
OVER = years_after(a.T0 + DAY, 5)
"""When the time of an order answered and shipped by `T0 + DAY` is over."""


def answered(record: Record, order_id: str, *more: Any, **of_line: Any) -> None:
    """An order, its answer, and what became of it."""
    events = [a.order(order_id, **of_line), a.decision(f"d-{order_id}", order_id=order_id), a.status(order_id), *more]
    receipt = record.append(events, source="test", recorded_at=a.T0)
    assert receipt.complete, receipt


def held(record: Record) -> set[str]:
    """The orders that the record can still tell of."""
    return set(record.lines()["order_id"].to_pylist())


def applied(record: Record, now: int, rules: tuple[RetentionRule, ...] = RULES) -> Tally:
    """A removal."""
    return retain(record, rules, now, REMOVAL)


def test_an_order_goes_with_its_answers_once_its_time_is_over_and_not_before(record: Record) -> None:
    """Counted from its latest event; a look removes nothing, and a second removal finds nothing."""
    answered(record, "o1", a.order("o1", revision=2), a.decision("d-o1-2", order_id="o1", revision=2))
    assert retain(record, RULES, OVER - 1).kept == {TIME: 1}
    assert retain(record, RULES, OVER).over == {"EAR part 762 (5 years)": 1}
    assert held(record) == {"o1"}
    before = record.position()
    assert (applied(record, OVER).redactions, held(record)) == (1, set())
    assert (record.decision("o1", 1), record.decision_by_id("d-o1"), record.order("o1")) == (None, None, None)
    assert record.counts()["lines"] == 0
    assert (applied(record, OVER).redactions, record.position()) == (0, before + 1)


@pytest.mark.parametrize(
    ("event", "why"),
    [
        (a.status("o1", "cancelled", at=a.T0 + 9 * DAY), TIME),
        (a.finding(order_id="o1", outcome="cleared", at=a.T0 + 9 * DAY), TIME),
        (a.finding(order_id="o1", outcome="diverted", at=a.T0), DIVERTED),
        (LegalHold("h", "subpoena", ("ana",), a.T0, order_id="o1"), LEGAL),
        (LegalHold("h", "subpoena", ("ana",), a.T0, reseller_id="r1"), LEGAL),
    ],
)
def test_what_must_be_kept_is_kept(record: Record, event: Any, why: str) -> None:
    """A later event, a diversion that stands, a hold; another order goes beside it."""
    answered(record, "o1", event)
    answered(record, "o2", reseller="r2")
    tally = applied(record, OVER)
    assert (tally.kept, held(record)) == ({why: 1}, {"o1"})


def test_a_hold_that_was_lifted_and_a_diversion_that_fell_keep_nothing(record: Record) -> None:
    """The order counts from the withdrawal."""
    hold = LegalHold("h", "subpoena", ("ana",), a.T0, order_id="o1")
    lifted = LegalHold("h", "closed", ("ana", "ben"), a.T0 + DAY, order_id="o1", revision=2, lifted=True)
    answered(record, "o1", hold, lifted, a.finding(order_id="o1"), a.finding(order_id="o1", revision=2,
             outcome="withdrawn", at=a.T0 + 2 * DAY))  # fmt: skip
    assert applied(record, OVER).kept == {TIME: 1}
    applied(record, years_after(a.T0 + 2 * DAY, 5))
    assert held(record) == set()


def test_ten_years_where_ofac_speaks_and_for_good_where_no_rule_does(record: Record) -> None:
    """The longest counts."""
    answered(record, "o1", ship_to=Place("CN", "CN-XJ"))
    assert applied(record, OVER).kept == {TIME: 1}
    only_iran = (RetentionRule("x", 1, "y", country="IR"),)
    assert applied(record, OVER, only_iran).kept == {NO_RULE: 1}
    assert applied(record, years_after(a.T0 + DAY, 10)).redactions == 1


def test_the_log_verifies_after_it_and_tells_how_many_rows_are_redacted(record: Record, record_url: str) -> None:
    """Against checkpoints of before and after; an order that came back, or another one that went, is a fault."""
    answered(record, "o1")
    answered(record, "o2", a.status("o2", "cancelled", at=a.T0 + 9 * DAY))
    before = record.checkpoint(a.T0)
    applied(record, OVER)
    after = record.checkpoint(a.T0)
    assert before is not None
    assert after is not None
    found = record.verify([before, after])
    assert (found.faults, found.redacted) == ((), 2)
    assert "(2 of them redacted)" in str(found)
    engine = databases.engine(record_url, 1.0)
    faults = {}
    for sql in (
        "UPDATE orders SET reseller_id = 'x' WHERE order_id = 'o2'",
        "DELETE FROM order_lines WHERE position = 4",
        "INSERT INTO orders SELECT 1, t, late, 'o1', revision, ordered_at, reseller_id FROM orders",
        "UPDATE ledger SET digest = 'x' WHERE position = 1",
        "UPDATE redactions SET reason = 'x'",
        "INSERT INTO redacted_rows VALUES (7, 9, 3)",
    ):
        with engine.connect() as connection:
            _unguard(connection)
            connection.execute(text(sql))
            from features.record.verification import verify  # noqa: PLC0415

            faults[sql] = len(verify(connection, after.position, [after]).faults)
            connection.rollback()
    engine.dispose()
    assert all(faults.values()), faults


def _unguard(connection: Any) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        return
    for (name,) in connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
        connection.execute(text(f"DROP TRIGGER {name}"))
    connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")


def test_the_database_lets_go_what_a_redaction_names_and_nothing_else(record: Record, record_url: str) -> None:
    """Whoever asks, in whatever order."""
    answered(record, "o1")
    answered(record, "o2")
    applied(record, OVER)
    answered(record, "o3")
    engine = databases.engine(record_url, 1.0)
    names = [name for name, table in METADATA.tables.items() if "position" in table.c]
    for name in names:
        with engine.connect() as connection:
            rows = connection.execute(text(f"SELECT count(*) FROM {name}")).scalar_one()  # noqa: S608 - our own names
            if rows:
                with pytest.raises(exc.DBAPIError, match="append-only"):
                    connection.execute(text(f"DELETE FROM {name}"))  # noqa: S608 - our own names
            connection.rollback()
    engine.dispose()
    assert held(record) == {"o3"}


def test_a_removed_order_is_told_of_and_never_taken_again(record: Record) -> None:
    """The same import again changes nothing, another content is a conflict, and its redaction says why it is gone."""
    answered(record, "o1")
    applied(record, OVER)
    again = record.append([a.order("o1"), a.decision("d-o1", order_id="o1")], source="test", recorded_at=OVER)
    assert (again.same, again.appended) == (2, 0)
    other = record.append([a.order("o1", units=9)], source="test", recorded_at=OVER)
    assert "removed by a redaction" in str(other.conflicts[0])
    with record.reading() as connection:
        for kind, subject in (("order", "o1"), ("decision", "d-o1")):
            redaction = redaction_of(connection, kind, subject)
            assert redaction is not None
            assert (redaction.who, redaction.positions) == (("ana", "ben"), (1, 2))
            assert redaction.reason == "policy 7; kept for its time: EAR part 762 (5 years)"
        assert redaction_of(connection, "order", "o2") is None


def test_an_interrupted_removal_goes_on(record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    """What went is gone and told; the rest goes with the next call."""
    monkeypatch.setattr("features.retention.removing.BATCH", 2)
    for number in range(5):
        answered(record, f"o{number}")

    def interrupted(share: float) -> None:
        if share > 0.3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        retain(record, RULES, OVER, REMOVAL, interrupted)
    left = held(record)
    assert 0 < len(left) < 5
    assert applied(record, OVER + 1).over.total() == len(left)
    assert (held(record), record.verify().faults) == (set(), ())
    redactions = [entry.event for entry in record.tail(0) if isinstance(entry.event, Redaction)]
    assert sum(len(each.positions) for each in redactions) == 10


def test_removing_takes_two_people() -> None:
    """It is for good."""
    for who in ((), ("ana",), ("ana", "Ana:legal")):
        with pytest.raises(Refused, match="two: it is for good"):
            Removal(who, "x")
