"""Memory follows what is alive, and no read pays for an old burst."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from features.measures import DAY
from features.record.ledger import Entry
from features.trade import Order
from features.vector import Vectorizer
from features.windows.state import ENTITIES, OLDEST, SEEN, TOUCHED, VALUES, WORDS
from features.windows.view import ALL, Count, Distinct, Max, SinceLast, Std, View
from tests.factory import T0, order
from tests.features.worlds import of

WINDOWED = of(
    Count(windows=(1, 30)), Std("value", windows=(30,)), Max("value", windows=(7,)), Distinct("sku", windows=(7,))
)


def placed(vectorizer: Vectorizer, *orders: Order) -> None:
    for number, one in enumerate(orders, start=vectorizer.position + 1):
        vectorizer.follow([Entry(number, one.known_at or 0, one)], lambda _: [])


def touched(vectorizer: Vectorizer) -> int:
    return int(vectorizer.state.counter[TOUCHED])


def burst(orders: int) -> Vectorizer:
    vectorizer = Vectorizer(WINDOWED, "USD")
    placed(vectorizer, *(order(f"o{n}", at=T0 + n, value=1_000 - n % 7, sku=f"s{n % 5}") for n in range(orders)))
    return vectorizer


def test_a_read_after_background_expiry_touches_nothing_of_an_old_burst() -> None:
    """Three windows let two thousand records go before anybody asks."""
    vectorizer, late = burst(2_000), T0 + 31 * DAY
    while vectorizer.sweep(late, 100):
        pass
    before = touched(vectorizer)
    vectorizer.vectors(order("last", at=late), late)
    assert before >= 3 * 2_000
    assert touched(vectorizer) == before


def test_background_expiry_does_no_more_than_it_is_asked() -> None:
    """It comes between orders, in small bites."""
    assert burst(2_000).sweep(T0 + 31 * DAY, 10) == 10


@settings(max_examples=20, deadline=None)
@given(st.lists(st.sampled_from([0, 1, DAY // 2, 3 * DAY, 40 * DAY]), min_size=5, max_size=40), st.integers(1, 9))
def test_background_expiry_changes_no_bit(steps: list[int], most: int) -> None:
    """Whenever it comes and however far it gets."""
    swept, plain, t = Vectorizer(WINDOWED, "USD"), Vectorizer(WINDOWED, "USD"), T0
    for number, step in enumerate(steps):
        t += step
        one = order(f"o{number}", at=t, value=number % 3 * 100, sku=f"s{number % 4}")
        swept.sweep(t, most)
        assert swept.vectors(one, t).tobytes() == plain.vectors(one, t).tobytes()
        placed(swept, one)
        placed(plain, one)


def test_an_entity_that_nothing_remembers_is_forgotten() -> None:
    """A thousand resellers of last year leave no block, no code and no log behind."""
    vectorizer = Vectorizer(WINDOWED, "USD")
    placed(vectorizer, *(order(f"o{n}", reseller=f"r{n}", at=T0 + n) for n in range(1_000)))
    placed(vectorizer, *(order(f"p{n}", reseller="new", at=T0 + 400 * DAY + n) for n in range(200)))
    counter = vectorizer.state.counter
    assert (counter[ENTITIES], counter[VALUES], counter[SEEN] - counter[OLDEST]) == (1, 1, 200)


def test_an_entity_with_a_memory_of_all_time_stays() -> None:
    """A count of all time and the time since the last order outlive every event."""
    vectorizer = Vectorizer(of(Count(windows=(ALL,)), SinceLast()), "USD")
    placed(vectorizer, order("a", reseller="old", at=T0), *(order(f"o{n}", at=T0 + 400 * DAY + n) for n in range(99)))
    seen = vectorizer.vectors(order("b", reseller="old"), T0 + 401 * DAY)
    assert seen.tolist() == [[1.0, 401.0]]


def test_what_is_given_back_is_used_again() -> None:
    """Five years of one-off resellers take no more words than one year of them."""
    vectorizer, words = Vectorizer(WINDOWED, "USD"), []
    for year in range(5):
        start = T0 + year * 365 * DAY
        placed(vectorizer, *(order(f"{year}-{n}", reseller=f"{year}-{n}", at=start + n * DAY) for n in range(365)))
        words.append(int(vectorizer.state.counter[WORDS]))
    assert words[-1] <= 1.1 * words[1]


def test_a_key_of_three_columns_tells_all_of_its_entities_apart() -> None:
    """Different combinations of the same codes are different entities."""
    features = of(Count(), key=("reseller", "sku", "end_user"))
    vectorizer = Vectorizer(features, "USD")
    made = [
        order(f"{a}{b}{c}", reseller=f"x{a}", sku=f"x{b}", end_user_id=f"x{c}", at=T0 + 9 * a + 3 * b + c)
        for a in range(3) for b in range(3) for c in range(3)
    ]  # fmt: skip
    placed(vectorizer, *made)
    again = np.vstack([vectorizer.vectors(one, T0 + DAY) for one in made])
    assert again.tolist() == [[1.0]] * 27


def test_one_view_by_itself_computes_what_it_computes_among_others() -> None:
    """Views do not know of each other."""
    other = View(
        "sku", ("sku",), "category", "this product", (Count(windows=(30,)), Distinct("reseller", windows=(7,)))
    )
    both, alone = Vectorizer(type(WINDOWED)((), (*WINDOWED.views, other)), "USD"), Vectorizer(WINDOWED, "USD")
    for number in range(300):
        one = order(f"o{number}", reseller=f"r{number % 7}", sku=f"s{number % 5}", at=T0 + number * DAY // 5)
        width = len(WINDOWED.names)
        t = T0 + number * DAY // 5
        assert both.vectors(one, t)[:, :width].tobytes() == alone.vectors(one, t).tobytes()
        placed(both, one)
        placed(alone, one)
