"""The declared end user."""

from features.windows.view import Count, Distinct, FindingRate, Ratio, SinceLast, View

END_USER = (
    View(
        "end_user", ("end_user",), "end_user", "this end user",
        (Count("orders", windows=(90, 365)), Distinct("reseller", windows=(365,)), Ratio("units", windows=(365,)),
         SinceLast("orders"), FindingRate(sign=1)),
    ),
    View("end_user_class", ("end_user_class",), "end_user", "this class of end user", (FindingRate(sign=1),)),
)  # fmt: skip
