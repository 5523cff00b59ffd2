"""Whoever shares an address, a phone or an owner with the reseller, as of the line's moment: one hop, by what is shared."""

from features.windows.view import ALL, Count, Distinct, FindingRate, Share, View

NETWORK = (
    View(
        "address", ("address",), "network", "whoever shares the reseller's address",
        (Distinct("reseller", windows=(365,), red_flag="RF27"), Distinct("reseller", "diverted", windows=(365,), sign=1, red_flag="RF04"),
         Count("diverted", windows=(ALL,), sign=1, red_flag="RF04"),
         FindingRate(sign=1)),
    ),
    View(
        "phone", ("phone",), "network", "whoever shares the reseller's phone",
        (Distinct("reseller", windows=(365,), red_flag="RF04"), Count("diverted", windows=(ALL,), sign=1, red_flag="RF04"),
         FindingRate(sign=1)),
    ),
    View(
        "owner", ("owner",), "network", "whoever shares the reseller's owner",
        (Distinct("reseller", windows=(365,)), Share("restricted", windows=(365,), red_flag="RF32"),
         Count("diverted", windows=(ALL,), sign=1, red_flag="RF04"), FindingRate(sign=1)),
    ),
)  # fmt: skip
