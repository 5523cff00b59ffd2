"""API keys in the record: only their hashes, for good revoked, beside the ledger."""

from contextlib import suppress

import pytest
from sqlalchemy import select

from features.measures import DAY, Refused
from features.record import Access, Record, keys
from tests import factory as a


def test_a_key_is_told_once_and_kept_as_a_hash(record: Record) -> None:
    """Nothing in the tables leads back to the secret."""
    with record.writing() as connection:
        token, _ = keys.create(connection, "order system", ["orders", "analyst"], a.T0)
    told = keys.parted(token)
    assert told is not None
    with record.reading() as connection:
        (held,) = keys.keys(connection)
        rows = connection.execute(select(keys.KEY_EVENTS)).all()
    assert (held.key_id, sorted(held.roles), held.name) == (told[0], ["analyst", "orders"], "order system")
    assert told[1] not in repr(rows)
    assert (held.opened_by(told[1]), held.opened_by(told[1] + "x"), held.opened_by("\ud800")) == (True, False, False)
    assert record.position() == 0


def test_a_key_ends_when_it_expires_or_is_revoked(record: Record) -> None:
    """The second revocation changes nothing."""
    with record.writing() as connection:
        _, brief = keys.create(connection, "a guest", ["auditor"], a.T0, a.T0 + DAY)
        _, other = keys.create(connection, "another", ["auditor"], a.T0)
        keys.revoke(connection, other.key_id, a.T0 + 1)
        keys.revoke(connection, other.key_id, a.T0 + 2)
        held = {key.key_id: key for key in keys.keys(connection)}
    assert [held[brief.key_id].holds(at) for at in (a.T0, a.T0 + DAY - 1, a.T0 + DAY)] == [True, True, False]
    assert (held[other.key_id].revoked_at, held[other.key_id].holds(a.T0)) == (a.T0 + 1, False)


@pytest.mark.parametrize(
    ("name", "roles", "expires", "column"),
    [
        ("x", ["owner"], None, "role"),
        ("x", [], None, "role"),
        ("", ["orders"], None, "name"),
        ("x", ["orders"], 1, "exp"),
    ],
)
def test_a_key_for_nothing_is_refused(
    record: Record, name: str, roles: list[str], expires: int | None, column: str
) -> None:
    """By column, and nothing is written."""
    with pytest.raises(Refused, match=column), record.writing() as connection:
        keys.create(connection, name, roles, a.T0, expires)
    with pytest.raises(Refused, match="key"), record.writing() as connection:
        keys.revoke(connection, "nobody", a.T0)


def test_no_key_looks_like_none() -> None:
    """Whatever is sent in its place."""
    assert keys.parted("dvr_ab_c_d") == ("ab", "c_d")
    assert [keys.parted(text) for text in ("", "dvr", "dvr_", "dvr_ab", "dvr__x", "dvr_ab_", "sk_ab_c")] == [None] * 7


def test_who_looked_into_what_is_kept_in_order(record: Record) -> None:
    """The newest first, and counted by key and deed."""
    with record.writing() as connection:
        for number in range(3):
            keys.note(connection, Access(a.T0 + number, "k1", "what-if", f"o{number}"))
        keys.note(connection, Access(a.T0 + 3, "k2", "inputs", "d1", "{}"))
    with record.reading() as connection:
        assert keys.accesses(connection, "k1", "what-if", a.T0 + 1) == 2
        assert [each.subject for each in keys.trail(connection)] == ["d1", "o2", "o1", "o0"]
        assert keys.trail(connection, most=1) == [Access(a.T0 + 3, "k2", "inputs", "d1", "{}")]


def test_who_told_something_is_kept_with_it_or_not_at_all(record: Record) -> None:
    """In one transaction: what is taken back leaves neither."""
    for fails in (True, False):
        with suppress(KeyError), record.writer() as writer:
            writer.append(a.order(), source="test", recorded_at=a.T0)
            writer.note(Access(a.T0, "a key", "order", "o1"))
            if fails:
                raise KeyError
        with record.reading() as connection:
            assert len(keys.trail(connection)) == record.position() == (0 if fails else 1)
