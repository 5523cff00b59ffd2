"""Tests of the card."""

from models.card import LIMITS, MEANING, Card, write
from tests.models.made import CARD, FEATURES, PLATT, model


def text(card: Card = CARD) -> str:
    """The card of the made model."""
    return write(card, FEATURES, model().policy, PLATT, {"kernel version": "1"})


def test_the_card_says_what_the_probability_means_and_where_the_model_ends() -> None:
    """In the words of every answer, with all limits."""
    assert MEANING in text()
    assert "it is no probability of diversion" in text()
    assert all(limit in text() for limit in LIMITS)


def test_the_card_counts_what_it_was_trained_on() -> None:
    """With the span, and unknown apart from cleared."""
    assert "- 600 lines of 500 orders by 40 resellers" in text()
    assert "30 lines diverted, 50 cleared, 9 inconclusive (kept apart), 511 without a finding" in text()
    assert "- findings known up to 2025-10-09" in text()


def test_the_card_gives_figures_with_their_intervals() -> None:
    """And says so where there are none."""
    assert "| average precision | all | 0.31 | 0.22 to 0.4 |" in text()
    empty = Card.from_json(CARD.to_json() | {"metrics": [], "notes": []})
    assert "None given." in text(empty)


def test_the_card_lists_every_feature_once_under_its_family() -> None:
    """With its sentence."""
    for feature in FEATURES.features:
        assert text().count(f"| `{feature.name}` |") == 1
        assert f"### {feature.family}" in text()


def test_a_card_survives_json() -> None:
    """With its metrics and notes."""
    assert Card.from_json(CARD.to_json()) == CARD
