"""Reasons in words that are safe to pass to a reseller or to staff abroad: what to send, never what was seen.

A neutral wording holds no number, no party, no norm and no judgement. Whoever reads it learns which paper is asked for
and nothing of why.
"""

_BY_FLAG = {
    "RF03": "please send the ownership of the parties to this order, on paper",
    "RF05": "please name the end user of these goods",
    "RF06": "please send an end-use statement",
    "RF08": "please confirm the end user and the intended use",
    "RF12": "please tell who installs the goods and trains their users",
    "RF15": "please confirm who pays for this order",
    "RF17": "please confirm quantities and prices",
    "RF18": "please confirm the end user and the intended use",
    "RF20": "please confirm the final destination of the goods",
    "RF22": "please send the full delivery address",
    "RF30": "please send the licence for this order",
    "RF31": "please send an end-use statement and, where one is needed, the licence",
    "RF32": "please confirm the final destination of the goods",
    "RF33": "please confirm the final destination of the goods",
    "RF34": "please name the end users that the stock is meant for",
    "RF35": "please send the sell-through reports that are due",
    "RF36": "please confirm where delivered instruments stand",
    "RF42": "please send the sell-through reports that are due",
    "RF43": "please send the signed yearly attestation",
    "RF44": "please confirm where delivered instruments stand",
    "GP10": "this order needs a decision of the maker's head office",
}

_BY_FAMILY = {
    "transaction": "please confirm quantities, prices and purpose",
    "reseller": "please confirm the details of this order",
    "location": "please confirm the delivery address and the final destination",
    "category": "please confirm the intended use of these goods",
    "product": "please confirm the intended use of these goods",
    "end_user": "please confirm the end user and the intended use",
    "network": "please confirm the parties to this order and their addresses",
    "awards": "please confirm the end user and the intended use",
}

ROUTINE = "this order is part of a regular review"
SETTLED = "nothing further is asked on this point"


def neutral(red_flag: str | None, family: str | None = None, *, raises: bool = True) -> str:
    """The neutral wording of a reason or rule, by its red flag, else its family.

    >>> neutral("RF05")
    'please name the end user of these goods'
    >>> neutral(None, "findings")
    'this order is part of a regular review'
    """
    if not raises:
        return SETTLED
    return _BY_FLAG.get(red_flag or "") or _BY_FAMILY.get(family or "", ROUTINE)
