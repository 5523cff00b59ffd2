"""The columns of one file, compiled once into readers that take a row and give a value.

A reader knows the user's name of what it reads and can show it as it stood, so that every refusal speaks of the
user's file. Values are remembered by their text: a column has far fewer texts than rows.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, fields
from operator import itemgetter
from typing import Generic, TypeVar

from features.location.gazetteer import country_code
from features.mapping.kinds import Column, Knowledge, Number, Time, near
from features.mapping.notation import flag_parser, share_parser, time_parser
from features.mapping.rows import Cells, Rows
from features.mapping.tables import PlaceTable, Source
from features.measures import Refused
from features.trade import Place

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

_REMEMBERED = 50_000
_NEW = object()


@dataclass(frozen=True, slots=True)
class Reader(Generic[T_co]):
    """Reads one thing from a row.

    `build` makes it of the cells at `places`; `read` is the same with a memory for what these cells hold.
    """

    label: str
    places: tuple[int, ...]
    build: Callable[[Cells], T_co]
    read: Callable[[Cells], T_co]
    standing: str = ""

    @classmethod
    def of(cls, label: str, places: Sequence[int], build: Callable[[Cells], T]) -> "Reader[T]":
        """A reader with a memory."""
        return Reader(label, tuple(places), build, remembered(places, build))

    def raw(self, cells: Cells) -> str:
        """What stands in the row, untouched; a constant stands in the mapping."""
        shown = ["" if cells[place] is None else str(cells[place]) for place in self.places if place < len(cells)]
        return "/".join(shown) if self.places else self.standing

    def refuse(self, cells: Cells, why: str, mend: str) -> Refused:
        """A refusal of what stands in the row, in the user's words."""
        return Refused(self.label, self.raw(cells), why, mend)

    def needed(self: "Reader[T | None]") -> "Reader[T]":
        """The same reader, refusing rows where the value is missing."""
        build = self.build

        def strict(cells: Cells) -> T:
            value = build(cells)
            if value is None:
                raise self.refuse(cells, "is missing", "fill it in, or give the key a `default`")
            return value

        return Reader(self.label, self.places, strict, remembered(self.places, strict), self.standing)


def _nothing(_cells: Cells) -> None:
    return None


ABSENT: Reader[None] = Reader("", (), _nothing, _nothing)
"""The reader of a key that the mapping does not use."""


def remembered(places: Sequence[int], build: Callable[[Cells], T]) -> Callable[[Cells], T]:
    """`build`, which is asked once for each content of these cells; refusals are not remembered."""
    if not places:
        return build
    pick: Callable[[Cells], Hashable] = itemgetter(*places)
    memory: dict[Hashable, T] = {}

    def read(cells: Cells) -> T:
        key = pick(cells)
        value = memory.get(key, _NEW)
        if value is not _NEW:
            return value  # type: ignore[return-value]  # only T and _NEW are ever in it
        if len(memory) >= _REMEMBERED:
            memory.clear()
        made = memory[key] = build(cells)
        return made

    return read


def blame(refused: Refused, cells: Cells, names: dict[str, Reader[object]]) -> Refused:
    """A trade object's refusal, told in the names and values of the user's file."""
    reader = names.get(refused.column)
    mend = refused.mend.replace("round it at the source", "round it at the source, or declare `round`")
    return refused if reader is None else reader.refuse(cells, refused.why, mend)


class Columns:
    """The columns of one file under one source of the mapping."""

    def __init__(self, rows: Rows, source: Source) -> None:
        self._rows, self._source = rows, source
        self._file = rows.path.name
        self.used: set[int] = set()

    def parsed(self, field: Column | None, parse: Callable[[str], T]) -> Reader[T | None]:
        """The field's text, parsed; None where it is missing or the mapping does not use the key."""
        if field is None:
            return ABSENT
        if field.const is not None:
            value = parse(field.const)
            return Reader(f"const {field.const!r}", (), lambda _: value, lambda _: value, field.const)
        places = tuple(self._place(name) for name in field.names)
        pieces = self._compared(field, places) if field.equal else self._cleaned(field, places)

        def build(cells: Cells) -> T | None:
            text = pieces(cells)
            return None if text is None else parse(text)

        return Reader.of(_label(field), places, build)

    def text(self, field: Column | None) -> Reader[str | None]:
        """A text without the blanks around it."""
        return self.parsed(field, str)

    def number(self, field: Number | None, parser: Callable[..., Callable[[str], T]]) -> Reader[T | None]:
        """A number in the notation of the field or of the file, by one of the number parsers."""
        if field is None:
            return ABSENT
        mark, thousands = field.decimal or self._source.decimal, field.thousands or self._source.thousands
        if field.const is not None or self._are(field, "number"):
            mark, thousands = ".", None
        return self.parsed(field, parser(_label(field), mark, thousands, field.round))

    def time(self, field: Time | None) -> Reader[int | None]:
        """A moment in microseconds UTC."""
        if field is None:
            return ABSENT
        if isinstance(field, Knowledge) and field.latest_of:
            return self._latest(field)
        if not field.names and field.const is None:
            return ABSENT  # a lag alone
        form = field.date_format or self._source.date_format
        if field.const is not None or self._are(field, "time"):
            form = "iso"
        return self.parsed(field, time_parser(_label(field), form, field.zone or self._source.zone, field.date_only))

    def flag(self, field: Column | None) -> Reader[bool | None]:
        """Yes or no."""
        return self.parsed(field, flag_parser(_label(field))) if field else ABSENT

    def place(self, table: PlaceTable | None) -> Reader[Place | None]:
        """A place, or None where nothing of it is known."""
        if table is None:
            return ABSENT
        country = self.parsed(table.country, country_code)
        region, city = self.text(table.region), self.text(table.city)
        spots = (table.latitude, table.longitude, table.x_km, table.y_km)
        numbers = [self.number(spot, share_parser) for spot in spots]
        readers: tuple[Reader[object], ...] = (country, region, city, *numbers)
        names = dict(zip((field.name for field in fields(Place)), readers, strict=True))

        def build(cells: Cells) -> Place | None:
            there = country.read(cells), region.read(cells), city.read(cells)
            spot = [number.read(cells) for number in numbers]
            if all(value is None for value in (*there, *spot)):
                return None
            try:
                return Place(*there, *spot)
            except Refused as refused:
                raise blame(refused, cells, names) from None

        return joint(readers, build)

    def _latest(self, field: Knowledge) -> Reader[int | None]:
        once = {"latest_of": (), "lag": None}
        readers = [self.time(field.model_copy(update={"column": name, **once})) for name in field.latest_of]

        def build(cells: Cells) -> int | None:
            return max((at for reader in readers if (at := reader.read(cells)) is not None), default=None)

        return joint(readers, build)

    def _place(self, name: str) -> int:
        names = self._rows.names
        if names.count(name) == 1:
            place = names.index(name)
            self.used.add(place)
            return place
        why = "stands twice in the heading" if name in names else "is not a column of the file"
        raise Refused(self._file, name, why, near(name, names) if name not in names else "rename one of them")

    def _are(self, field: Column, kind: str) -> bool:
        """Whether the file itself types the column, so that the mapping's notation is not for it."""
        return all(self._rows.kinds[self._place(name)] == kind for name in field.names)

    def _cleaned(self, field: Column, places: tuple[int, ...]) -> Callable[[Cells], str | None]:
        nulls = {"", *(self._source.null if field.null is None else field.null)}
        if field.map is None and len(places) == 1:
            return _plain(places[0], nulls, field.default)

        def clean(cells: Cells) -> str | None:
            pieces = [(cells[place] or "").strip() for place in places]
            text = field.join.join(pieces)
            if field.map is not None and text in field.map:
                return field.map[text]
            if not nulls.isdisjoint(pieces):
                return field.default
            if field.map is not None:
                mend = f"add it to `map`, which names {', '.join(field.map)}"
                raise Refused(_label(field), text, "is not named in the mapping", mend)
            return text

        return clean

    def _compared(self, field: Column, places: tuple[int, ...]) -> Callable[[Cells], str | None]:
        plain = field.model_copy(update={"map": None, "default": None})
        one, other = (self._cleaned(plain, (place,)) for place in places)
        words = field.map or {}

        def compare(cells: Cells) -> str | None:
            left, right = one(cells), other(cells)
            if left is None or right is None:
                return field.default
            word = "same" if left == right else "differs"
            return words.get(word, word)

        return compare


def joint(readers: Sequence[Reader[object]], build: Callable[[Cells], T]) -> Reader[T]:
    """A reader of what several readers make together."""
    places = tuple(dict.fromkeys(place for reader in readers for place in reader.places))
    label = "/".join(dict.fromkeys(reader.label for reader in readers if reader.label))
    return Reader.of(label, places, build)


def _plain(place: int, nulls: set[str], default: str | None) -> Callable[[Cells], str | None]:
    """The common case, a column as it stands, without the detours of the others."""

    def clean(cells: Cells) -> str | None:
        text = (cells[place] or "").strip()
        return default if text in nulls else text

    return clean


def _label(field: Column) -> str:
    return field.join.join(field.names) or "const"
