"""Tests of the decision: the strictest line, what a score may do, what is written in every answer."""

import json
from dataclasses import replace
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.canonical import canonical
from models import decision
from models.action import Action, strictest
from models.decision import MEANING, Case, decide, decide_each
from models.policy import Policy
from models.reasons import explain
from tests.models.made import T, fields, made, model, vector

MODEL = model()
RISKY = vector(product_sensitivity=3.0, ship_to_region_sensitivity=3.0, units=9.0)
ACTIONS = st.lists(st.sampled_from(Action))


@given(ACTIONS, ACTIONS)
def test_the_strictest_action_does_not_depend_on_the_order(some: list[Action], more: list[Action]) -> None:
    """It is one of them, and taking parts first changes nothing."""
    assert strictest(some + more) == strictest(more + some) == strictest([strictest(some), strictest(more)])
    assert strictest([*some, Action.HOLD]) == Action.HOLD
    assert strictest([*some, Action.PROCEED]) == strictest(some)


def test_a_harmless_order_proceeds_without_reasons() -> None:
    """No open flag, and a probability below the threshold."""
    answer = decide(MODEL, vector(), [fields()], T)
    assert (answer.action, answer.rules, answer.not_evaluated) == (Action.PROCEED, (), ())
    assert answer.lines[0].reasons is None
    assert answer.probability < MODEL.policy.threshold


def test_a_risky_order_waits_for_its_score_alone() -> None:
    """No rule fired; the reasons are there at once."""
    answer = decide(MODEL, RISKY, [fields()], T)
    assert (answer.action, answer.rules) == (Action.REVIEW, ())
    assert answer.lines[0].reasons == explain(MODEL, RISKY)[0]
    assert answer.rank > 0.9


def test_every_answer_says_what_it_means_and_what_made_it() -> None:
    """Meaning and three fingerprints."""
    answer = decide(MODEL, vector(), [fields()], T)
    assert (answer.meaning, "365 days" in MEANING) == (MEANING, True)
    assert (answer.model, answer.policy, answer.features) == (
        MODEL.fingerprint, MODEL.policy.version, MODEL.features.fingerprint,
    )  # fmt: skip


def test_an_order_takes_the_strictest_action_and_the_highest_probability() -> None:
    """One bad line in three holds the order; the lines keep their own actions."""
    values = np.vstack([vector(), RISKY, vector(ship_to_region_sensitivity=2.0)])
    lines = [fields("1"), fields("2"), fields("3", end_user_class="security")]
    answer = decide(MODEL, values, lines, T)
    assert [line.action for line in answer.lines] == [Action.PROCEED, Action.REVIEW, Action.HOLD]
    assert (answer.action, answer.probability) == (Action.HOLD, answer.lines[1].probability)
    assert {rule.rule_id for rule in answer.rules} == {"security-end-user", "security-end-user-in-restricted-region"}
    assert answer.lines[0].reasons is None


@given(st.integers(0, 599), st.floats(0.0, 1.1), st.sampled_from([None, "security", "university"]), st.booleans())
@settings(max_examples=60, deadline=None)
def test_a_score_never_removes_a_review(row: int, threshold: float, end_user_class: str | None, drawn: bool) -> None:
    """Whatever the probability and the threshold, the action is at least what rules and draws ask for."""
    lax = replace(MODEL, policy=Policy(0.1, threshold, (0.5,)))
    values = made()[0][row : row + 1]
    answer = decide(lax, values, [fields(end_user_class=end_user_class)], T, drawn=drawn)
    asked = strictest([*(rule.effect for rule in answer.rules), Action.REVIEW if drawn else Action.PROCEED])
    assert strictest([answer.action, asked]) == answer.action
    assert (answer.action == Action.HOLD) == any(rule.effect == Action.HOLD for rule in answer.rules)
    proceeds = not answer.rules and not drawn and answer.probability < threshold
    assert (answer.action == Action.PROCEED) == proceeds


@given(st.lists(st.integers(0, 599), min_size=1, max_size=6), st.randoms(use_true_random=False))
@settings(max_examples=25, deadline=None)
def test_the_order_of_the_lines_does_not_matter(rows: Any, dice: Random) -> None:
    """Nor does what stands beside a line: each keeps its probability, action and rules."""
    pairs = [(row, fields(str(number), end_user_id=None)) for number, row in enumerate(rows)]
    shuffled = dice.sample(pairs, len(pairs))
    answers = [decide(MODEL, made()[0][[r for r, _ in each]], [f for _, f in each], T) for each in (pairs, shuffled)]
    assert (answers[0].action, answers[0].probability) == (answers[1].action, answers[1].probability)
    assert set(answers[0].lines) == set(answers[1].lines)


@given(st.lists(st.tuples(st.lists(st.integers(0, 599), min_size=1, max_size=3), st.booleans()), max_size=20))
@settings(max_examples=25, deadline=None)
def test_orders_that_are_decided_together_get_what_each_gets_alone(orders: list[tuple[list[int], bool]]) -> None:
    """Probabilities and reasons to the last bit, however many are asked about at once."""
    said = ("security", None, "university")
    cases = [
        Case(made()[0][rows], [fields(str(n), end_user_class=said[row % 3]) for n, row in enumerate(rows)], T, drawn)
        for rows, drawn in orders
    ]
    alone = [decide(MODEL, case.values, case.fields, case.t, drawn=case.drawn) for case in cases]
    assert decide_each(MODEL, cases) == alone


def test_a_drawn_order_waits_and_says_so() -> None:
    """A random audit needs reasons too: those of its most risky line."""
    values = np.vstack([vector(), vector(units=9.0, product_sensitivity=1.0)])
    answer = decide(MODEL, values, [fields("1"), fields("2")], T, drawn=True)
    assert (answer.action, answer.drawn) == (Action.REVIEW, True)
    riskiest = max(answer.lines, key=lambda line: line.probability)
    assert [line.reasons is not None for line in answer.lines] == [line is riskiest for line in answer.lines]


def test_a_rule_that_cannot_be_evaluated_is_named() -> None:
    """Nobody gave the owners' share: the rules in force on it are listed, once each."""
    silent = {name: value for name, value in fields().items() if not name.startswith("attribute.")}
    answer = decide(MODEL, np.vstack([vector(), vector()]), [silent, silent | {"line_id": "2"}], T)
    assert [each.rule_id for each in answer.not_evaluated] == ["listed-owner-half-2025", "listed-owner-any-stake"]
    assert answer.action == Action.PROCEED


def test_a_line_without_an_attribute_that_others_carry_is_named_too() -> None:
    """One line of two was not screened."""
    silent = {name: value for name, value in fields("2").items() if not name.startswith("attribute.")}
    answer = decide(MODEL, np.vstack([vector(), vector()]), [fields(), silent], T)
    assert {each.rule_id for each in answer.not_evaluated} == {"listed-owner-half-2025", "listed-owner-any-stake"}


def test_a_long_order_explains_its_most_risky_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """The others are explained on demand, with the same words."""
    monkeypatch.setattr(decision, "EXPLAINED", 3)
    values = made(12)[0]
    answer = decide(MODEL, values, [fields(str(n), end_user_class="security") for n in range(12)], T)
    told = [line.probability for line in answer.lines if line.reasons is not None]
    assert len(told) == 3
    assert min(told) >= max(line.probability for line in answer.lines if line.reasons is None)
    assert answer.lines[0].reasons in (None, explain(MODEL, values)[0])


def test_an_answer_is_plain_data() -> None:
    """It can be written as JSON, missing values too."""
    answer = decide(MODEL, np.full((1, 5), np.nan), [fields(end_user_class="security")], T)
    content = json.loads(canonical(answer))
    assert (content["action"], content["lines"][0]["rules"][0]["red_flag"]) == ("review", "RF31")
    assert "nan" not in str(content).lower()


@pytest.mark.parametrize("rows", [0, 2])
def test_rows_and_lines_must_match(rows: Any) -> None:
    """One vector a line."""
    with pytest.raises(ValueError, match=f"{rows} rows for 1 lines"):
        decide(MODEL, np.zeros((rows, 5)), [fields()], T)
