"""The notices that began it all, as the public record of June 2021 tells them.

Ten contracts between May 2019 and June 2021 with eight public-safety agencies, at least 521,165 US dollars together,
one of them 40,563; all suppliers but one sat in Xinjiang; and four agreements for a second maker's goods whose value
is unclear (the New York Times, June 2021). Names are neutral here, places are the region's, the amounts of the other
nine are ours.
"""

from dataclasses import dataclass

from features.measures import DAY
from training.simulator import places
from training.simulator.awards import ocds
from training.simulator.scenario import midnight

TOTAL_USD = 521_165
KORLA_USD = 40_563
_AMOUNTS_USD = (KORLA_USD, 23_400, 31_850, 38_200, 44_975, 52_300, 61_740, 68_815, 75_622, 83_700)
_MONTHS = (
    (2019, 5),
    (2019, 8),
    (2019, 11),
    (2020, 3),
    (2020, 6),
    (2020, 9),
    (2020, 11),
    (2021, 2),
    (2021, 4),
    (2021, 6),
)
_BUYERS = (0, 1, 2, 3, 4, 5, 6, 7, 1, 2)
_BUNDLE_MONTHS = ((2019, 9), (2020, 4), (2020, 12), (2021, 5))
FOUND_ON = midnight(2021, 6, 9)
"""The evening on which somebody searched."""

_KORLA, _URUMQI, _KARAMAY = 1, 0, 2
_CITY = (_KORLA, _URUMQI, _KARAMAY, 3, 4, 5, 7, 8)


@dataclass(frozen=True, slots=True)
class Notice:
    """One planted notice: US cents, or None in a bundle; `buyer` 0..7; positions in `PLACES`."""

    number: int
    awarded_at: int
    buyer: int
    cents: int | None
    supplier_place: int

    @property
    def published_at(self) -> int:
        """Two weeks after the award."""
        return self.awarded_at + 14 * DAY

    @property
    def release(self) -> str:
        """The notice as a release; a bundle holds several kinds of goods and no value."""
        kit = ("identification kit", "forensics/hid-kit", "3822.00.5090", 12)
        more = [
            ("identification analyser", "forensics/hid-instrument", "9027.20.50", 1),
            ("well plate", "plastics/plate", "3926.90", 40),
        ]
        city = places.PLACES[self.supplier_place].name
        return ocds(
            ident=f"ocds-seed21-{self.number:02d}",
            published=self.published_at,
            awarded=self.awarded_at,
            buyer=(f"SEED-B{self.buyer + 1}", f"Public-safety agency {self.buyer + 1}"),
            police=True,
            place=_CITY[self.buyer],
            supplier=(f"SEED-S{self.number:02d}", f"Second-tier trader of {city}"),
            value=self.cents,
            items=[kit, *more] if self.cents is None else [kit],
        )


def notices() -> tuple[Notice, ...]:
    """Ten notices with a value, then four bundles without, each in order of time."""
    elsewhere = places.GROUP_START[1]  # one supplier sat outside the region
    valued = [
        Notice(number, midnight(*month, 10), buyer, dollars * 100, int(elsewhere) if number == 4 else _CITY[buyer])
        for number, (month, buyer, dollars) in enumerate(zip(_MONTHS, _BUYERS, _AMOUNTS_USD, strict=True), 1)
    ]
    bundles = [
        Notice(11 + number, midnight(*month, 20), number, None, _CITY[number])
        for number, month in enumerate(_BUNDLE_MONTHS)
    ]
    return (*valued, *bundles)
