"""Random audits, and what is said of lines that nobody looked into."""

from dataclasses import replace

import numpy as np
import pyarrow as pa

from features.vector import FeatureTable
from tests.training import made
from training.audited import audited
from training.audits import NO_AUDITS, Audits, audits_as_of, labelled_share
from training.dataset import training_set
from training.fit import fit
from training.labels import Kind


def drawn(n: int, hits: int, propensity: float = 0.01) -> Audits:
    """Audits of n orders, the first of them diverted."""
    orders = np.array([f"o{i}" for i in range(n)], object)
    return Audits(orders, (np.arange(n) < hits).astype(float), np.full(n, propensity), 0)


def audited_world(n: int) -> tuple[FeatureTable, pa.Table]:
    """A world where a third of the orders was drawn at random, and a third of the others looked into."""
    table, said = made.world(n)
    rows, drawn_orders = said.to_pylist(), [int(row["order_id"][1:]) % 3 == 0 for row in said.to_pylist()]
    kept = np.array(drawn_orders) | (np.random.default_rng(3).random(len(rows)) < 0.3)
    share = pa.array([1.0 / 3.0 if each else None for each in drawn_orders], pa.float64())
    return table, said.append_column("propensity", share).filter(pa.array(kept))


def test_only_what_was_drawn_at_random_is_an_audit() -> None:
    """A finding without a propensity was looked for; what is inconclusive decides nothing."""
    said = made.findings(
        made.finding("o0", None), made.finding("o1", None, outcome="cleared"), made.finding("o2", None),
        made.finding("o3", None, outcome="inconclusive"), made.finding("o4", None, outcome="cleared"),
    ).append_column("propensity", pa.array([0.01, 0.02, None, 0.01, 1.0]))  # fmt: skip
    audits = audits_as_of(said, made.LATER)
    assert (audits.order_ids.tolist(), audits.diverted.tolist()) == (["o0", "o1"], [1.0, 0.0])
    assert (audits.propensity.tolist(), audits.undecided) == ([0.01, 0.02], 1)
    assert len(audits_as_of(said, 0).order_ids) == 0
    assert audits_as_of(made.findings(made.finding()), made.LATER) == NO_AUDITS


def test_below_ten_audited_positives_nothing_is_estimated() -> None:
    """The power is said first."""
    assert np.isnan(drawn(500, 9).prevalence())
    assert "below 10 nothing is estimated" in drawn(500, 9).power(0.5)
    assert drawn(500, 10).prevalence() == 0.02
    assert labelled_share(drawn(500, 10), 100, 10_000) == 0.5


def test_propensities_undo_an_uneven_draw() -> None:
    """Half the positives drawn a tenth as often weigh ten times as much."""
    uneven = replace(drawn(400, 20), propensity=np.where(np.arange(400) < 10, 0.01, 0.1))
    assert uneven.prevalence() == (10 * 100 + 10 * 10) / (10 * 100 + 390 * 10)


def test_audited_orders_judge_a_model_with_their_weights() -> None:
    """A perfect score finds all of them; nothing is judged without enough of them."""
    table, _ = made.world(400)
    audits = drawn(200, 20)
    score = np.array(
        [1.0 if each in set(audits.order_ids[:20]) else 0.0 for each in table.lines["order_id"].to_pylist()]
    )
    report = audited(table, audits, {"model": score}, 0.1, draws=20)
    assert (report.samples["model"].value["ap"], report.samples["model"].value["recall"]) == (1.0, 1.0)
    assert audited(table, drawn(200, 3), {"model": score}, 0.1).samples == {}


def test_the_correction_adds_up_to_what_was_missed() -> None:
    """Lines without a finding get the chances that the audits say are missing, the riskier more of it."""
    table, said = audited_world(2_000)
    chosen = training_set(table, said, made.LATER, unknown="pu", maturity_days=0.0)
    assert 0.4 < chosen.labelled_share < 0.8
    assert "as diverted with a chance" in chosen.statement()
    fitted = fit(chosen, threads=1)
    assert not [each for each in fitted.warnings if each.startswith("pu:")]
    weak = fit(training_set(table, said, made.LATER, maturity_days=0.0), threads=1)
    assert fitted.text != weak.text


def test_without_enough_audits_the_correction_says_so() -> None:
    """And counts the unknown as `weak` does."""
    table, said = made.world(600, judged=0.5)
    fitted = fit(training_set(table, said, made.LATER, unknown="pu"), threads=1)
    assert fitted.warnings[0].startswith("pu: too few random audits")
    assert fitted.text == fit(training_set(table, said, made.LATER), threads=1).text


def test_inconclusive_lines_may_count_as_unknown() -> None:
    """They are left out unless it is asked for, and then with the small weight."""
    table, _ = made.world(40)
    said = made.findings(
        made.finding("o0", "0"),
        made.finding("o1", "0", outcome="cleared"),
        made.finding("o2", "0", outcome="inconclusive"),
    )
    apart = training_set(table, said, made.LATER)
    asked = training_set(table, said, made.LATER, inconclusive="weak")
    assert (len(asked.target) - len(apart.target), apart.lines_left_out["inconclusive"]) == (1, 1)
    assert not (asked.labels.kind == Kind.INCONCLUSIVE).any()
