"""The writer's turn as the service uses it: look, append, look again, all in one transaction."""

from sqlalchemy import Connection

from features.record.admission import Admission, Appended
from features.record.errors import Conflict, ConflictError, Refusal
from features.record.kinds import CLOCKED, Event, kind_of
from features.record.reading import Reader


class Writer(Reader):
    """Reads and appends under the writer's lock; what it reads includes what it appended."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._admission = Admission(connection)
        self._clock = super().clock()

    def position(self) -> int:
        """The last position: nobody else can move it now."""
        return self._admission.position

    def clock(self) -> int | None:
        """The record's clock: nobody else can move it now."""
        return self._clock

    def append(self, event: Event, *, source: str, recorded_at: int, late: bool = False) -> Appended:
        """Append one event, or find it where it stands already (`fresh` is False then).

        Raises `ConflictError` where its id is held with another content and `Refused` where it cannot be taken.
        Nothing of it is written then, and the turn can go on with other events.
        """
        (verdict,) = self._admission.admit([(event, late)], source, recorded_at)
        if isinstance(verdict, Conflict):
            raise ConflictError(verdict)
        if isinstance(verdict, Refusal):
            raise verdict.refused
        if verdict.fresh:
            self._advance(event)
        return verdict

    def _advance(self, event: Event) -> None:
        kind = kind_of(event)
        _, known_at = kind.times(event)
        if kind.name in CLOCKED and known_at is not None:
            self._clock = known_at if self._clock is None else max(self._clock, known_at)
