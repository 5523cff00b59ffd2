"""The data dictionary says what the definitions say."""

import re
from pathlib import Path

import pytest

from features.catalog.all import catalogue
from features.catalog.dictionary import COLUMNS, FAMILIES, PLACEHOLDER, dictionary
from features.windows.columns import CODED, FILTERS, NUMBERS
from features.windows.view import STATISTICS, Feature

PAGE = Path(__file__).parents[3] / "docs" / "data-dictionary.md"
WHOLE = catalogue((PLACEHOLDER,))


def row(text: str, width: int) -> list[str]:
    """The cells of the one row of so many cells that begins with this text as code."""
    lines = [line for line in dictionary().splitlines() if line.startswith(f"| `{text}` |")]
    [cells] = [cells for line in lines if len(cells := line.strip("|").split("|")) == width]
    return [cell.strip() for cell in cells]


def test_the_page_is_what_the_definitions_write() -> None:
    """Mend it with: python -m features.catalog.dictionary > docs/data-dictionary.md."""
    assert PAGE.read_text(encoding="utf-8") == dictionary()


@pytest.mark.parametrize("feature", WHOLE.features, ids=lambda feature: feature.name)
def test_each_feature_stands_in_the_page_once(feature: Feature) -> None:
    """With unit, sign, red flag and sentence."""
    sign = {1: "+1", 0: "none", -1: "-1"}[feature.sign]
    assert row(feature.name, 5) == [f"`{feature.name}`", feature.unit, sign, feature.red_flag or "", feature.because]


def test_each_family_says_what_it_is_of() -> None:
    """A new family comes with its sentence, and no sentence outlives its family."""
    assert {feature.family for feature in WHOLE.features} == FAMILIES.keys()
    assert all(sentence in dictionary() for sentence in FAMILIES.values())


def test_each_column_and_filter_is_explained() -> None:
    """A new column comes with its line."""
    assert [*NUMBERS, *CODED] == [*COLUMNS]
    assert all(row(name, 3)[-1] for name in COLUMNS)
    assert all(row(name, 2)[-1] for name in FILTERS)


def test_each_statistic_is_explained() -> None:
    """With the middle of its name, and the first sentence of its definition."""
    assert row("zscore", 3)[1:] == [
        "`{only}{column}_zscore`",
        "The line's column in standard deviations from the mean of the view; NaN where nothing varied.",
    ]
    assert all(row(kind, 3)[2] for kind in STATISTICS)


def test_the_page_counts_its_features() -> None:
    """Those that ship, and those of each column of one's own."""
    shipped, own = map(int, re.findall(r"(\d+) features, and (\d+) more", dictionary())[0])
    assert shipped == len(catalogue().names)
    assert own == len(WHOLE.names) - shipped


def test_no_cell_breaks_its_table() -> None:
    """A stray bar would make another column."""
    lines = [line for line in dictionary().splitlines() if line.startswith("|")]
    assert {line.count("|") for line in lines} <= {3, 4, 6}
