"""What a service is told from outside, read once, at start.

=======================  ======================================================  ==============================
``DIVERSION_HOME``       folder of run-time files: champions, BentoML's own      ``var``
``DIVERSION_RECORD``     address of the record                                   ``sqlite:///HOME/record.db``
``DIVERSION_HOST``       address to listen on                                    ``127.0.0.1``
``DIVERSION_PORT``       port to listen on                                       ``3000``
``DIVERSION_BODY_LIMIT`` largest request body, in bytes                          2 MiB
``DIVERSION_WORKERS``    server processes on this machine                        1
``DIVERSION_DRAW_SECRET``  what random audits are drawn by, see `serving.draw`   ``HOME/draw.secret``
``DIVERSION_KEYS``       ``off``: no keys, only callers on this machine          ``on``
``DIVERSION_RATE``       requests a second that a key may send                   2000
``DIVERSION_WHAT_IFS``   what-ifs an hour that a key may ask                     60
``DIVERSION_FALLBACK_RULES``  rules that decide where no model can               those that ship
=======================  ======================================================  ==============================

An address that holds a password belongs into a file: ``DIVERSION_RECORD_FILE`` names one, in place of
``DIVERSION_RECORD``, and ``DIVERSION_DRAW_SECRET_FILE`` likewise.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from features.measures import Refused
from features.secret import secret

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
    keys: bool = True
    rate: int = 2_000
    what_ifs: int = 60
    fallback_rules: Path | None = None

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "Settings":
        """The settings that these environment variables name; raises `Refused` for what is no number."""
        home = Path(environment.get("DIVERSION_HOME") or "var")
        read = cls(home, secret(environment, "DIVERSION_RECORD") or f"sqlite:///{home}/record.db")
        return replace(
            read,
            host=environment.get("DIVERSION_HOST") or read.host,
            port=_number(environment, "DIVERSION_PORT", read.port, 65_535),
            body_limit=_number(environment, "DIVERSION_BODY_LIMIT", read.body_limit, 1 << 30),
            draw_secret=secret(environment, "DIVERSION_DRAW_SECRET") or "",
            workers=_number(environment, "DIVERSION_WORKERS", read.workers, 256),
            keys=_switch(environment, "DIVERSION_KEYS"),
            rate=_number(environment, "DIVERSION_RATE", read.rate, 1_000_000),
            what_ifs=_number(environment, "DIVERSION_WHAT_IFS", read.what_ifs, 1_000_000),
            fallback_rules=Path(rules) if (rules := environment.get("DIVERSION_FALLBACK_RULES")) else None,
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
            "DIVERSION_KEYS": "on" if self.keys else "off",
            "DIVERSION_RATE": str(self.rate),
            "DIVERSION_WHAT_IFS": str(self.what_ifs),
            "DIVERSION_FALLBACK_RULES": str(self.fallback_rules or ""),
        }


def _switch(environment: Mapping[str, str], name: str) -> bool:
    text = (environment.get(name) or "on").lower()
    if text not in {"on", "off"}:
        raise Refused(name, text, "is neither on nor off", "write one of them, or leave it out")
    return text == "on"


def _number(environment: Mapping[str, str], name: str, otherwise: int, most: int) -> int:
    text = environment.get(name) or str(otherwise)
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= most):
        raise Refused(name, text, f"is not in 1..{most}", "write a whole number, or leave it out")
    return int(text)
