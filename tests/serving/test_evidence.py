"""What a new notice changes: the actions of open orders, and the reasons of later ones."""

from functools import cache
from pathlib import Path

import lightgbm as lgb
import numpy as np

from features.catalog.awards import AWARDS
from features.measures import DAY, instant
from features.record import Event, Record
from features.trade import Order
from features.windows.feature_set import FeatureSet
from features.windows.kernel import VERSION
from features.windows.view import LineFeature
from models.action import Action
from models.artefact import Model
from models.calibration import Platt, fold
from models.classifier import Classifier
from models.policy import Policy
from models.rules import DEFAULT, load_rules
from serving.audit import audit
from serving.contract import Answer, OrderRequest
from serving.desk import Desk
from serving.evidence import Changes, Moved, changes
from serving.keeping import Keeper
from serving.settings import Settings
from serving.state import State
from tests import factory as a
from tests.features.awards.made import AWARDED, linking, notice
from tests.models.made import CARD
from tests.serving.made import NOW, body, history, promote

VALUE = LineFeature("value", "direct", ("value",), "1", "transaction", "it is worth {value}")
FEATURES = FeatureSet((VALUE,), AWARDS[:1])
RESTRICTED = FEATURES.names.index("reseller_restricted_awards_count_365d")
TOLD, FOUND = notice(at=NOW - DAY), linking(at=NOW - DAY)


@cache
def believer() -> Model:
    """A model that takes any restricted award for a diversion."""
    dice = np.random.default_rng(1)
    values = np.zeros((400, len(FEATURES.names)))
    values[:, RESTRICTED] = dice.random(400) < 0.1
    values[:, 0] = dice.random(400)
    settings = {"objective": "binary", "verbosity": -1, "num_leaves": 3, "num_threads": 1, "seed": 1}
    data = lgb.Dataset(values, values[:, RESTRICTED].astype(int), feature_name=list(FEATURES.names))
    text = str(lgb.train(settings, data, 20).model_to_string())
    platt = Platt(1.0, 0.0)
    classifier = Classifier(fold(text, platt))
    policy = Policy.from_capacity(np.linspace(0.0, 1.0, 21), 0.5)
    return Model(classifier, FEATURES, policy, load_rules(DEFAULT), platt, CARD, kernel_version=VERSION)


def recorded(url: str, *events: Event) -> tuple[Record, int]:
    """A record with the made history and further events, and its position before the notice."""
    record = Record.open(url)
    record.append([*history(60), *events], source="test", recorded_at=NOW)
    before = record.position()
    record.append([TOLD, FOUND], source="test", recorded_at=NOW)
    return record, before


def changed(record: Record, before: int, home: Path, open_days: int = 9) -> Changes:
    """What the notice changes."""
    keeper = Keeper(home, lambda: NOW)
    return changes(record, believer(), [TOLD.notice_id], before, keeper=keeper, open_days=open_days)


def test_open_orders_of_the_named_reseller_change_their_action(sqlite_url: str, tmp_path: Path) -> None:
    """Those that have shipped, or are of others, do not; the feature that moved is told."""
    orders = [a.order(f"n{n}", reseller=f"r{1 + n // 3}", at=NOW - 5 * DAY) for n in (1, 2, 3)]
    record, before = recorded(sqlite_url, *orders, a.status("n2", at=NOW - 4 * DAY))
    found = changed(record, before, tmp_path)
    named = {each.order_id: each for each in found.changed}
    assert (named["n1"].before, named["n1"].after) == (Action.PROCEED, Action.REVIEW)
    assert Moved("reseller_restricted_awards_count_365d", 0.0, 1.0) in named["n1"].moved
    assert not {"n2", "n3"} & named.keys()


def test_only_orders_that_the_notice_can_touch_are_asked(sqlite_url: str, tmp_path: Path) -> None:
    """Those of the reseller that it names: this model has features of no other awards."""
    orders = [a.order(f"n{n}", reseller=f"r{n}", at=NOW - 5 * DAY) for n in (1, 2, 3)]
    record, before = recorded(sqlite_url, *orders)
    named = {e.event.order_id for e in record.entries((Order,)) if e.event.reseller_id == "r1"}
    found = changed(record, before, tmp_path, open_days=10_000)
    assert (found.open, found.touched) == (63, len(named))


def test_asking_leaves_the_record_as_it_was(sqlite_url: str, tmp_path: Path) -> None:
    """Nothing is appended."""
    record, before = recorded(sqlite_url)
    position = record.position()
    changed(record, before, tmp_path, open_days=90)
    assert record.position() == position


def test_an_answer_names_the_notices_behind_its_reasons(sqlite_url: str, tmp_path: Path) -> None:
    """And no reason of another family does."""
    record, _ = recorded(sqlite_url)
    promote(record, tmp_path, believer())
    desk = Desk(State(Settings(tmp_path, sqlite_url)), now=lambda: instant("2025-11-09T00:02:00Z"))
    desk.state.keep_up()
    answer = Answer.model_validate_json(desk.score(OrderRequest.model_validate(body())).body)
    desk.state.close()
    reasons = {reason.feature: reason.notices for reason in answer.lines[0].reasons or ()}
    assert reasons[FEATURES.names[RESTRICTED]] == ["n1"]
    assert reasons.get("value", []) == []


def test_a_report_reaches_the_answers_after_it_and_the_audit(sqlite_url: str, tmp_path: Path) -> None:
    """The award stands without one for the first order, and no longer for the second; both come out again."""
    record, _ = recorded(sqlite_url)
    promote(record, tmp_path, believer())
    desk = Desk(State(Settings(tmp_path, sqlite_url)), now=lambda: instant("2025-11-09T00:02:00Z"))
    desk.state.keep_up()
    desk.score(OrderRequest.model_validate(body("first", ordered_at="2025-11-09T00:00:30Z")))
    at = instant("2025-11-09T00:01:00Z")
    report = a.sold_on(at=at, period_from=AWARDED - 9 * DAY, period_to=AWARDED + 9 * DAY)
    record.append([report], source="test", recorded_at=at)
    desk.score(OrderRequest.model_validate(body("second", ordered_at="2025-11-09T00:01:30Z")))
    desk.state.close()
    unreported = FEATURES.names.index("reseller_unreported_awards_count_365d")
    decisions = [record.decision(name, 1) for name in ("first", "second")]
    assert [np.frombuffer(each.vectors, "<f8")[unreported] for each in decisions if each] == [1.0, 0.0]
    assert not audit(record, tmp_path).differences
