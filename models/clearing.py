"""What would help to clear a red flag, by its id: the paper, check or licence to ask for. Our wording."""

_STATEMENT = "an end-user statement (BIS-711 or letterhead) that names the end user and the use"
_SERIAL = "a serial number check: where the instruments stand, and who works with them"

CLEARS = {
    "RF01": "evidence that the party is not the listed one, or a licence",
    "RF02": "evidence that the party is not at the listed address",
    "RF03": "the owners' shares, directly and indirectly held, on paper",
    "RF05": _STATEMENT,
    "RF06": "a valid end-use statement",
    "RF08": _STATEMENT,
    "RF12": "an installation and training order, or who else installs",
    "RF15": "the contract that explains why another party pays",
    "RF18": _STATEMENT,
    "RF22": "the full delivery address, and the end user's confirmation of it",
    "RF30": "a licence with enough value and quantity left",
    "RF31": "a licence that names this end user, or evidence that the declared class is wrong",
    "RF34": "the end users that the stock is meant for",
    "RF35": "the reseller's sell-through reports for the missing units",
    "RF36": _SERIAL,
    "RF41": "serial numbers of the goods that were awarded, or who supplied them instead",
    "RF42": "the reseller's sell-through reports for the goods that were awarded",
    "RF43": "a signed no-resale clause, or the yearly attestation",
    "RF44": _SERIAL,
}


def clears(red_flag: str | None) -> str | None:
    """What would help to clear the red flag; None where nothing is written."""
    return None if red_flag is None else CLEARS.get(red_flag)
