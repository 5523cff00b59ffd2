"""Names of firms in two scripts."""

import csv
import os
from pathlib import Path

import pytest

from features.awards.names import SAME, Directory, similarity

ALIKE = (
    ("Deutsche Bank AG", "Deutsche Bank Aktiengesellschaft"),
    ("OAO Gazprom", "Open Joint Stock Company Gazprom"),
    ("HOMS REFINERY CORPORATION", "The Homs Refinery Company"),
    ("新疆天山生物科技有限公司", "新疆天山生物科技（有限责任公司）"),
    ("Trading Tianshan Ltd.", "Tianshan Trading Limited"),
)
DIFFERENT = (
    ("Volkswagen Aktiengesellschaft", "Siemens Aktiengesellschaft"),
    ("Second-tier trader 12", "Second-tier trader 21"),
    ("新疆天山生物科技有限公司", "新疆昆仑生物科技有限公司"),
    ("公司", "Company"),
)


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_legal_forms_accents_and_order_do_not_part_a_name(one: str, other: str) -> None:
    """Whichever comes first."""
    assert similarity(one, other) >= SAME
    assert similarity(one, other) == similarity(other, one)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_what_the_firms_share_does_not_make_them_one(one: str, other: str) -> None:
    """A form, a number, a place."""
    assert similarity(one, other) < SAME


def test_a_directory_finds_what_comparing_all_would() -> None:
    """And names nobody where two are as near."""
    directory = Directory([("r1", "Tian Shan Trading Ltd"), ("r2", "Kunlun Bio GmbH"), ("r3", "Kunlun Bio Inc")])
    assert directory.find("TianShan Trading Limited") == ("r1", 1.0)
    assert directory.find("Kunlun Bio")[0] is None
    assert directory.find("Nobody at all")[0] is None


def test_known_pairs_of_firms_are_told_apart() -> None:
    """On a public file of pairs that people judged, where an environment variable names it."""
    path = os.environ.get("NAME_PAIRS")
    if not path:
        pytest.skip("NAME_PAIRS names no file of pairs (schema, name1, name2, is_match)")
    with Path(path).open(encoding="utf-8") as stream:
        rows = [row for row in csv.DictReader(stream) if row["schema"] in {"Company", "Organization", "LegalEntity"}]
    said = [(similarity(row["name1"], row["name2"]) >= SAME, row["is_match"] == "true") for row in rows]
    taken = [right for same, right in said if same]
    assert sum(taken) / len(taken) >= 0.8
