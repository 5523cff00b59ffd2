"""Samples of a large past: who is drawn, what they stand for, and what comes of it."""

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.catalog.all import catalogue
from features.facts.book import Book
from features.measures import DAY
from features.record import Record
from features.vector import feature_table
from features.windows.feature_set import FeatureSet
from models.artefact import save
from models.policy import Policy
from tests.features.test_vector import bits
from tests.training.conftest import FEATURES, UNTIL
from tests.training.made import LATER, finding, findings, lines, world
from training.building import Capacity, build
from training.compare import compare
from training.dataset import moments, training_set
from training.evaluate import evaluate
from training.fit import fit
from training.labels import Kind
from training.sample import SCRATCH, marked, sample, vectors
from training.threshold import by_order
from training.train import Trained

MANY = 4_000


@given(st.integers(1, 40), st.integers(0, 40))
def test_a_sample_holds_whole_orders_and_all_that_is_named(most: int, named: int) -> None:
    """Two lines an order; nothing from the date on."""
    made = lines([{"order_id": f"o{i // 2}", "t": (i // 2) * DAY, "line_id": str(i % 2)} for i in range(100)])
    said = findings(*(finding(f"o{i}", None, known_at=39 * DAY) for i in range(named)))
    some = sample(made, said, 40 * DAY, most)
    order = np.arange(100) // 2
    assert not some.lines[order >= 40].any()
    assert np.array_equal(some.lines[::2], some.lines[1::2])
    assert np.array_equal(some.named, order < named)
    assert some.share == pytest.approx(min(1.0, most / 40))


def test_a_draw_is_fair_and_stays() -> None:
    """About its share, of lines of any kind; more orders keep those drawn before, as far as there is room."""
    made, more = (lines([{} for _ in range(size)]) for size in (MANY, 2 * MANY))
    first, second = (sample(each, findings(), 10**18, MANY // 2) for each in (made, more))
    assert first.drawn.mean() == pytest.approx(0.5, abs=0.03)
    assert second.drawn.mean() == pytest.approx(0.25, abs=0.03)
    assert not (second.drawn[:MANY] & ~first.drawn).any()


def test_what_was_not_drawn_is_stood_for() -> None:
    """Lines without a finding weigh as many as there are; findings weigh what they did."""
    table, said = world(4_000, judged=0.1)
    whole, part = (training_set(table, said, LATER, share=share) for share in (1.0, 0.25))
    unknown = [each.labels.kind == Kind.UNKNOWN for each in (whole, part)]
    assert part.counts()["diverted"] == whole.counts()["diverted"]
    assert part.counts()["cleared"] == whole.counts()["cleared"]
    assert unknown[1].sum() < 0.4 * unknown[0].sum()
    assert part.weight[unknown[1]].sum() == pytest.approx(whole.weight[unknown[0]].sum(), rel=0.1)
    assert "of the orders that no finding names 25.0% were drawn" in part.statement()
    assert "were drawn" not in whole.statement()


def test_the_threshold_comes_from_those_drawn() -> None:
    """Named orders are risky ones: a policy made of them too would let fewer wait."""
    table, said = world(4_000, judged=0.3)
    part = training_set(table, said, LATER, share=0.3)
    fitted = fit(part, threads=1, parameters={"scorecard_share": 0.0})
    rows = fitted.later.rows
    newest, fair = moments(part.past)[rows] >= fitted.later.newest, part.fair[rows]
    orders = part.past.lines["order_id"].to_pandas()[rows]
    assert len(by_order(part, fitted)) == orders[fair & newest].nunique() < orders[newest].nunique() < orders.nunique()
    assert Policy.from_capacity(by_order(part, fitted), 0.05).threshold > 0.0


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A past of ten lines goes by way of the disk, and the system's folder for temporary files takes nothing."""
    monkeypatch.setattr("training.sample.IN_MEMORY", 10)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "not there"))


@pytest.mark.usefixtures("large")
def test_a_large_past_goes_by_way_of_the_disk(traded: Record, tmp_path: Path) -> None:
    """The same bits; the scratch folder is left empty."""
    book, features = Book.of(traded), catalogue(("port",))
    some = sample(book.lines, traded.findings(), UNTIL, 100)
    wanted = some.drawn
    assert 50 < wanted.sum() < 150
    by_disk = vectors(book, features, wanted, tmp_path)
    at_once = feature_table(book, features, wanted=wanted)
    assert bits(by_disk.values) == bits(at_once.values)
    assert by_disk.lines.equals(at_once.lines)
    assert [each.relative_to(tmp_path) for each in tmp_path.rglob("*")] == [Path(SCRATCH)]


@pytest.mark.usefixtures("large")
def test_reports_of_a_large_past_use_the_home_folder(traded: Record, trained: Trained, tmp_path: Path) -> None:
    """`train`, `evaluate` (with a rival of other definitions) and `compare`; the last two agree on each model."""
    other = tmp_path / "other"
    few = FeatureSet(FEATURES.lines, FEATURES.views[:2], FEATURES.attributes)
    built = build(traded, few, home=tmp_path, until=UNTIL, capacity=Capacity(0.1), threads=1)
    save(built.model, other)
    asked = {"home": tmp_path, "start": UNTIL, "end": UNTIL + 200 * DAY, "draws": 20}
    report = evaluate(traded, None, trained.artefact, rivals=[other, "prior"], **asked)  # type: ignore[arg-type]
    comparison = compare(traded, trained.artefact, other, **asked)  # type: ignore[arg-type]
    assert report.interval("model", "ap") == comparison.samples["challenger"].interval("ap")
    assert report.interval(built.model.fingerprint[:12], "ap") == comparison.samples["champion"].interval("ap")
    assert [*(tmp_path / SCRATCH).iterdir()] == []


def test_a_finding_on_nothing_known_is_no_order() -> None:
    """One on a reseller names no order."""
    said = findings(finding(None, None, reseller_id="r1"))
    named, drawn = marked(lines([{}, {}]), said, 10**18, 1.0)
    assert (named.tolist(), drawn.tolist()) == ([False, False], [True, True])
