"""The declared end user."""

from features.windows.view import ALL, Count, Distinct, FindingRate, Ratio, SinceFirst, SinceLast, View

END_USER = (
    View(
        "end_user", ("end_user",), "end_user", "this end user",
        (Count("orders", windows=(90, 365)), Distinct("reseller", windows=(365,)), Ratio("units", windows=(365,)),
         SinceLast("orders"), FindingRate(sign=1)),
    ),
    View(
        "reseller_end_user", ("reseller", "end_user"), "end_user", "this reseller for this end user",
        (Count(windows=(ALL,)), SinceFirst()),
    ),
    View("end_user_class", ("end_user_class",), "end_user", "this class of end user", (FindingRate(sign=1),)),
)  # fmt: skip
