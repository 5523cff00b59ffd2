"""Into service and out of it again: two people, a reason, a gate, an event, and one command back."""

import importlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from features.measures import DAY, Refused
from features.record import Record
from models.artefact import load
from tests.models import made as models
from tests.training.conftest import FEATURES, UNTIL, trade
from training.building import Capacity
from training.compare import Comparison, compare, judged
from training.gate import gate
from training.intervals import Interval, Sample
from training.promote import NotPromoted, promote, rollback
from training.retrain import retrain
from training.track import Book
from training.train import Trained, reproduced, train

mlflow = importlib.import_module("mlflow")  # after `training.track`, which turns its telemetry off

NEVER = Interval(float("nan"), float("nan"), float("nan"))


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Record]:
    """The trade in a record of its own, since promotions stay."""
    with Record.open(f"sqlite:///{tmp_path_factory.mktemp('promoted') / 'record.db'}") as opened:
        opened.append(trade(), source="made", recorded_at=UNTIL + 200 * DAY)
        yield opened


@pytest.fixture(scope="module")
def rival(record: Record, home: Path) -> Trained:
    """A model that knew less: half the time."""
    return train(record, FEATURES, until=UNTIL - 150 * DAY, home=home, capacity=Capacity(0.1), threads=1)


def compared(gain: Interval = NEVER, positives: int = 50, **more: Any) -> Comparison:
    """A comparison with this gain in average precision."""
    fields: dict[str, Any] = {
        "challenger": "a" * 64, "champion": "b" * 64, "start": 0, "end": 1, "lines": 100, "positives": positives,
        "groups": 9, "samples": {}, "differences": {"ap": gain}, "slices": {}, "flips": (), "orders": 9, "notes": (),
    }  # fmt: skip
    return Comparison(**fields | more)


@pytest.mark.parametrize(
    ("gain", "positives", "verdict"),
    [
        (Interval(0.1, 0.02, 0.2), 50, "better"),
        (Interval(-0.1, -0.2, -0.02), 50, "worse"),
        (Interval(0.1, -0.01, 0.2), 50, "cannot tell"),
        (Interval(0.1, 0.02, 0.2), 9, "cannot tell"),
        (NEVER, 50, "cannot tell"),
    ],
)
def test_a_verdict_needs_an_interval_off_zero_and_findings(gain: Interval, positives: int, verdict: str) -> None:
    """Below ten positives nothing can be told."""
    assert judged(gain, positives) == verdict


def test_the_gate_opens_for_a_better_model_only() -> None:
    """Cannot tell keeps the champion; so does one slice that is surely worse."""
    better, model = Interval(0.1, 0.02, 0.2), models.model()
    assert gate(compared(better), model, None, True).open
    assert gate(compared(Interval(0.1, -0.1, 0.2)), model, None, True).failed()[0].startswith("better:")
    worse = {"region XX": (12, Interval(-0.3, -0.4, -0.2)), "few": (3, NEVER)}
    [failed] = gate(compared(better, slices=worse), model, None, True).failed()
    assert failed.startswith("slices: region XX -0.300")
    assert not gate(compared(better), model, None, False).open


def test_a_gain_on_equal_draws_is_judged_pair_by_pair() -> None:
    """What both models share cancels."""
    own, other = (Sample({"ap": v}, {"ap": np.array([v, v + 0.25])}) for v in (0.5, 0.25))
    assert own.minus(other, "ap") == Interval(0.25, 0.25, 0.25)


def test_promoting_takes_two_people_and_a_reason(record: Record, trained: Trained, home: Path) -> None:
    """Otherwise nothing is written."""
    before = record.position()
    asked = {"home": home, "run_id": trained.run_id, "now": UNTIL}
    for reason, who, why in ((" ", ("ana", "ben"), "says nothing"), ("first", ("ana", " Ana"), "fewer than two")):
        with pytest.raises(Refused, match=why):
            promote(record, trained.artefact, reason=reason, who=[name.strip() for name in who], **asked)  # type: ignore[arg-type]
    with pytest.raises(LookupError, match="no registered model"):
        promote(record, trained.artefact, reason="why", who=["ana", "ben"], **{**asked, "run_id": "0" * 32})  # type: ignore[arg-type]
    assert record.position() == before


def test_a_champion_is_compared_with_kept_overridden_and_put_back(
    record: Record, trained: Trained, rival: Trained, home: Path
) -> None:
    """The whole way: a first model, a challenger that cannot be told better, an override, and back."""
    agreed = {"home": home, "who": ["ana", "ben"]}
    first = promote(record, rival.artefact, run_id=rival.run_id, reason="first", now=UNTIL, **agreed)  # type: ignore[arg-type]
    assert (record.champion(), first.verdict) == (first, "first")
    client = mlflow.MlflowClient(Book.at(home).uri)
    named = client.get_model_version_by_alias("diversion-risk", "champion")
    assert (named.run_id, named.tags["approved_by"]) == (rival.run_id, "ana, ben")

    end = UNTIL + 200 * DAY
    comparison = compare(record, trained.artefact, home / first.artefact, home=home, end=end, by="order", draws=200)
    assert comparison.start == UNTIL
    assert (comparison.lines, comparison.orders) == (100, 100)
    assert all(flip.diverted is not None for flip in comparison.flips)
    assert json.loads(json.dumps(comparison.to_json()))["verdict"] == comparison.verdict
    own = compare(record, rival.artefact, home / first.artefact, home=home, start=UNTIL, end=end, draws=20)
    assert (own.verdict, own.flips) == ("cannot tell", ())

    closed = gate(own, trained.model, None, True)
    ask = {"run_id": trained.run_id, "reason": "newer", "checked": closed, "now": UNTIL + 1, **agreed}
    with pytest.raises(NotPromoted, match="the champion stays"):
        promote(record, trained.artefact, **ask)  # type: ignore[arg-type]
    assert record.champion() == first
    second = promote(record, trained.artefact, override="a known fault of the first", **ask)  # type: ignore[arg-type]
    assert record.champion() == second
    assert (second.override, second.verdict) == ("a known fault of the first", "cannot tell")
    assert "better" in str(second.checks)

    back = rollback(record, home=home, reason="holds too much", who=["ana"], now=UNTIL + 2)
    assert (back.model, back.undoes) == (first.model, second.promotion_id)
    assert record.champion() == back
    assert load(home / back.artefact, expected=back.model).fingerprint == rival.model.fingerprint
    assert client.get_model_version_by_alias("diversion-risk", "champion").run_id == rival.run_id
    with pytest.raises(Refused, match="none to go back to"):
        rollback(record, home=home, reason="further", who=["ana"], now=UNTIL + 3)


def test_a_model_is_trained_again_to_the_same_fingerprint(record: Record, trained: Trained, home: Path) -> None:
    """From the settings noted beside it; a folder without them was never tried."""
    assert reproduced(record, trained.model, trained.artefact, home) is True
    assert reproduced(record, trained.model, home / "elsewhere", home) is None


def test_a_round_of_retraining_reports_and_promotes_nothing(record: Record, home: Path) -> None:
    """Train, evaluate, compare, and say what next."""
    before = record.position()
    done = retrain(record, home=home, now=UNTIL + 110 * DAY, holdout_days=60, capacity=Capacity(0.1))
    assert done.report is not None
    assert done.comparison is not None
    assert "champion" in done.sentence
    assert json.dumps(done.to_json())
    assert record.position() == before
