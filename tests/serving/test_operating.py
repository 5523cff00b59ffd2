"""Tests of what keeps a service running: backup and restore as a drill, the doctor, a policy tried on the past."""

import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from features.measures import DAY, Refused
from features.record import Record
from features.trade import Order
from features.vector import feature_table
from models.action import Action
from models.decision import decide
from models.rules import declared
from serving.audit import audit
from serving.backup import backup, checked, restore
from serving.contract import OrderRequest
from serving.desk import Desk
from serving.doctor import State as How
from serving.doctor import examine
from serving.dry_run import dry_run
from serving.keys import FILE, create, given, held, own
from serving.settings import Settings
from serving.state import State
from tests import factory as a
from tests.serving.made import FEATURES, NOW, Server, body, model, world


def test_a_backup_of_a_busy_service_comes_back_whole(guarded: Server, tmp_path: Path) -> None:
    """The drill: orders go on while it is made; what comes back answers the same bytes and passes the audit."""
    source = guarded.settings

    def ask(number: int) -> bytes:
        return guarded.ask("POST", "/v1/score", "orders", body(f"drill{number}", ordered_at=None)).content

    known = ask(0)
    with ThreadPoolExecutor(2) as pool:
        asked = [pool.submit(ask, number) for number in range(1, 30)]
        made = backup(source.record_url, source.home, tmp_path / "backup", NOW)
        assert all(each.result() for each in asked)
    there = Settings(tmp_path / "there", f"sqlite:///{tmp_path}/there/record.db")
    assert restore(tmp_path / "backup", there.record_url, there.home) == made
    desk = Desk(State(there), now=lambda: time.time_ns() // 1000)
    desk.state.keep_up()
    again = desk.score(OrderRequest.model_validate(body("drill0", ordered_at=None)))
    desk.state.close()
    assert (again.body, again.again) == (known, True)
    with Record.open(there.record_url) as record:
        audited = audit(record, there.home)
        assert (audited.differences, audited.skipped) == ((), {})
        assert audited.decisions > 0
        assert {key.name for key in held(record)} >= {"the test's orders"}


def test_a_record_goes_from_one_database_to_the_other_and_back(
    sqlite_url: str, postgresql_url: str, tmp_path: Path
) -> None:
    """With positions, sources and times as they were."""
    there = world(sqlite_url, tmp_path / "home", orders=40)
    backup(there.record_url, there.home, tmp_path / "first", NOW)
    restore(tmp_path / "first", postgresql_url, tmp_path / "second home")
    made = backup(postgresql_url, tmp_path / "second home", tmp_path / "second", NOW)
    back = f"sqlite:///{tmp_path}/back/record.db"
    assert restore(tmp_path / "second", back, tmp_path / "third home") == made
    with Record.open(sqlite_url) as old, Record.open(postgresql_url) as middle, Record.open(back) as new:
        assert list(old.tail(0)) == list(middle.tail(0)) == list(new.tail(0))
        assert old.lines() == new.lines()
        assert new.append([a.order("afterwards", at=NOW + DAY)], source="test", recorded_at=NOW).complete
    with pytest.raises(Refused, match="holds a record already"):
        restore(tmp_path / "first", postgresql_url, tmp_path / "second home")


def test_a_backup_that_was_touched_is_refused(sqlite_settings: Settings, tmp_path: Path) -> None:
    """By the name of the file; so are a folder that is there, a record that is there, and what is no backup."""
    there, folder = sqlite_settings, tmp_path / "backup"
    backup(there.record_url, there.home, folder, NOW)
    assert json.loads((folder / "manifest.json").read_text())["position"] == checked(folder)["position"]
    with pytest.raises(Refused, match="is there already"):
        backup(there.record_url, there.home, folder, NOW)
    with pytest.raises(Refused, match="is there already"):
        restore(folder, there.record_url, there.home)
    (card,) = folder.rglob("card.md")
    card.write_text(card.read_text() + " ")
    with pytest.raises(Refused, match=r"card\.md"):
        restore(folder, f"sqlite:///{tmp_path}/new/record.db", tmp_path / "new")
    assert not (tmp_path / "new").exists()
    with pytest.raises(Refused, match="no manifest"):
        restore(tmp_path, f"sqlite:///{tmp_path}/new/record.db", tmp_path / "new")


def signs(settings: Settings, now: int = NOW) -> dict[str, list[How]]:
    """How everything stands."""
    found: dict[str, list[How]] = {}
    for sign in examine(replace(settings, port=1), now):
        found.setdefault(sign.what, []).append(sign.state)
    return found


def test_the_doctor_sees_what_is_missing_and_what_is_old(sqlite_settings: Settings) -> None:
    """A key, a model, the record itself; an old model; a rule that ends soon or begins."""
    found = signs(sqlite_settings)
    assert (found["home"], found["record"], found["keys"]) == ([How.GOOD], [How.GOOD], [How.BAD])
    assert found["service"] == [How.MIND]
    with Record.open(sqlite_settings.record_url) as record:
        create(record, "a guest", ["orders"], NOW, NOW + 3 * DAY)
    assert signs(sqlite_settings)["keys"] == [How.GOOD, How.MIND]
    assert signs(replace(sqlite_settings, keys=False))["keys"] == [How.MIND]
    later = NOW + 4_000 * DAY
    assert (signs(sqlite_settings, later)["model"], signs(sqlite_settings, later)["regions"]) == (
        [How.MIND],
        [How.MIND],
    )
    (folder,) = (sqlite_settings.home / "models").iterdir()
    (folder / "model.txt").write_text("another")
    assert signs(sqlite_settings)["model"] == [How.BAD]
    away = signs(Settings(sqlite_settings.home / "nowhere", "postgresql+pg8000://nobody@127.0.0.1:1/none"))
    assert (away["home"], away["record"]) == ([How.BAD], [How.BAD])


def test_a_dry_run_counts_what_each_threshold_would_do(sqlite_settings: Settings) -> None:
    """As `decide` does order by order; nobody waits less than the rules ask for, and at 0 everybody does."""
    since = a.T0 + 200 * DAY
    with Record.open(sqlite_settings.record_url) as record:
        tried = dry_run(record, model(), 0.0, since)
        strict = dry_run(record, model(), 1.1, since).instead
        table, counted = feature_table(record, FEATURES), dict.fromkeys(("proceed", "review", "hold"), 0)
        entries = [entry for entry in record.entries((Order,)) if entry.known_at >= since]
        row = table.lines["order_id"].to_pylist().index
        for entry in entries:
            first = row(entry.event.order_id)
            values = table.values[first : first + len(entry.event.lines)]
            fields = [declared(entry.event, line) for line in entry.event.lines]
            counted[decide(model(), values, fields, entry.known_at).action.value] += 1
    assert tried.orders == len(entries) > 0
    assert tried.now.actions == {action: count for action, count in counted.items() if count}
    assert "proceed" not in tried.instead.actions
    assert tried.instead.mean_a_day == pytest.approx(len(entries) / tried.days)
    assert (tried.instead.diverted_waiting, tried.instead.cleared_waiting) == (tried.diverted, tried.cleared)
    assert strict.actions.get("hold") == tried.now.actions.get("hold")
    assert strict.actions.get("review", 0) <= tried.now.actions.get("review", 0)
    assert Action.HOLD.value in counted


def test_a_home_has_one_key_of_its_own(sqlite_settings: Settings, tmp_path: Path) -> None:
    """Readable by its owner alone, used again while it holds, made anew where it does not."""
    with Record.open(sqlite_settings.record_url) as record:
        first, again = own(record, tmp_path, NOW), own(record, tmp_path, NOW)
        assert (first, (tmp_path / FILE).stat().st_mode & 0o777) == (again, 0o600)
        (tmp_path / FILE).write_text("dvr_ab_wrong")
        assert own(record, tmp_path, NOW) not in {first, "dvr_ab_wrong"}
    assert given({"DIVERSION_KEY_FILE": str(tmp_path / FILE)}) == (tmp_path / FILE).read_text().strip()
    assert (given({"DIVERSION_KEY": "x", "DIVERSION_KEY_FILE": os.devnull}), given({})) == ("x", None)
    with pytest.raises(Refused, match="DIVERSION_KEY_FILE"):
        given({"DIVERSION_KEY_FILE": str(tmp_path / "nothing")})
