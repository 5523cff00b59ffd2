"""What a service is told from outside, read once, at start.

=======================  ======================================================  ==============================
``DIVERSION_HOME``       folder of run-time files: champions, BentoML's own      ``var``
``DIVERSION_RECORD``     address of the record                                   ``sqlite:///HOME/record.db``
``DIVERSION_HOST``       address to listen on                                    ``127.0.0.1``
``DIVERSION_PORT``       port to listen on                                       ``3000``
``DIVERSION_BODY_LIMIT`` largest request body, in bytes                          2 MiB
``DIVERSION_WORKERS``    server processes on this machine                        1
``DIVERSION_DRAW_SECRET`` what random audits are drawn by; alike on all machines  ``HOME/draw.secret``
=======================  ======================================================  ==============================
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from features.measures import Refused

BODY_LIMIT = 2 << 20
"""An order of 2,000 lines with every field filled in takes about 1 MiB."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the service keeps its files and its record, and where it listens."""

    home: Path
    record_url: str
    host: str = "127.0.0.1"
    port: int = 3000
    body_limit: int = BODY_LIMIT
    workers: int = 1
    draw_secret: str = field(default="", repr=False)

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "Settings":
        """The settings that these environment variables name; raises `Refused` for what is no number."""
        home = Path(environment.get("DIVERSION_HOME") or "var")
        read = cls(home, environment.get("DIVERSION_RECORD") or f"sqlite:///{home}/record.db")
        return replace(
            read,
            host=environment.get("DIVERSION_HOST") or read.host,
            port=_number(environment, "DIVERSION_PORT", read.port, 65_535),
            body_limit=_number(environment, "DIVERSION_BODY_LIMIT", read.body_limit, 1 << 30),
            draw_secret=environment.get("DIVERSION_DRAW_SECRET") or "",
            workers=_number(environment, "DIVERSION_WORKERS", read.workers, 256),
        )

    def environment(self) -> dict[str, str]:
        """The same settings as environment variables."""
        return {
            "DIVERSION_HOME": str(self.home),
            "DIVERSION_RECORD": self.record_url,
            "DIVERSION_HOST": self.host,
            "DIVERSION_PORT": str(self.port),
            "DIVERSION_BODY_LIMIT": str(self.body_limit),
            "DIVERSION_WORKERS": str(self.workers),
            "DIVERSION_DRAW_SECRET": self.draw_secret,
        }


def _number(environment: Mapping[str, str], name: str, otherwise: int, most: int) -> int:
    text = environment.get(name) or str(otherwise)
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= most):
        raise Refused(name, text, f"is not in 1..{most}", "write a whole number, or leave it out")
    return int(text)
