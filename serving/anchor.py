"""Whether the record's file is still the one that was opened."""

from pathlib import Path

from sqlalchemy import make_url

from features.record import Unavailable


class Anchor:
    """Remembers which file a SQLite address led to; any other database looks after itself.

    A file that is removed while it is open still takes writes, which nobody ever finds again.
    """

    def __init__(self, url: str) -> None:
        address = make_url(url)
        self._path = Path(str(address.database)) if address.get_backend_name() == "sqlite" else None
        self._held: tuple[int, int] | None = None

    def drop(self) -> None:
        """Remember the file that stands there now."""
        self._held = self._standing()

    def hold(self) -> None:
        """Raise `Unavailable` where the file was removed or replaced."""
        if self._standing() != self._held:
            raise Unavailable(f"{self._path} was removed or replaced while it was open")

    def moved(self) -> bool:
        """Whether another file stands there now, such as a restored backup."""
        return self._standing() not in {None, self._held}

    def _standing(self) -> tuple[int, int] | None:
        if self._path is None:
            return None
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino
