"""The declared end user, and whoever shares an address with the reseller."""

from features.windows.view import ALL, Count, Distinct, FindingRate, Ratio, SinceLast, View

END_USER = (
    View(
        "end_user", ("end_user",), "end_user", "this end user",
        (Count("orders", windows=(90, 365)), Distinct("reseller", windows=(365,)), Ratio("units", windows=(365,)),
         SinceLast("orders"), FindingRate(sign=1)),
    ),
    View("end_user_class", ("end_user_class",), "end_user", "this class of end user", (FindingRate(sign=1),)),
)  # fmt: skip

NETWORK = (
    View(
        "address", ("address",), "network", "whoever shares the reseller's address",
        (Distinct("reseller", windows=(365,), red_flag="RF27"), Count("diverted", windows=(ALL,), sign=1, red_flag="RF04"),
         FindingRate(sign=1)),
    ),
)  # fmt: skip
