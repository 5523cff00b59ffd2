"""Public awards: what resellers won and from whom, and what was awarded nearby that our own sales do not explain.

No window is wider than a year: within it an award that judges an order is left out of that order's own vectors.
"""

from features.windows.view import Count, Distinct, Share, SinceLast, Sum, View

AWARDS = (
    View(
        "reseller", ("reseller",), "awards", "this reseller",
        (Count("awards", windows=(365,)), Count("linked_awards", windows=(365,)),
         Count("security_awards", windows=(365,), red_flag="RF41"),
         Count("restricted_awards", windows=(365,), sign=1, red_flag="RF41"),
         Sum("value", where="restricted_awards", windows=(365,), red_flag="RF41"),
         Count("exceeding_awards", windows=(365,), red_flag="RF42"),
         Count("unreported_awards", windows=(365,), red_flag="RF42"),
         Share("security_awards", among="awards", windows=(365,)),
         Share("direct_awards", among="awards", windows=(365,)),
         Share("bundled_awards", among="awards", windows=(365,)),
         Distinct("end_user", where="awards", windows=(365,)),
         SinceLast("security_awards", windows=(365,))),
    ),
    View(
        "ship_to_region_category", ("ship_region", "category"), "awards", "this category in the ship-to region",
        (Count("unexplained_awards", windows=(90, 365), red_flag="RF42"),
         Sum("value", where="unexplained_awards", windows=(90,), red_flag="RF42")),
    ),
    View(
        "site_region_category", ("site_region", "category"), "awards", "this category in the reseller's region",
        (Count("unexplained_awards", windows=(90, 365), red_flag="RF42"),
         Sum("value", where="unexplained_awards", windows=(90,), red_flag="RF42")),
    ),
    View(
        "category", ("category",), "awards", "this category",
        (Count("restricted_awards", windows=(90, 365), red_flag="RF42"),
         Count("unnamed_awards", windows=(365,))),
    ),
)  # fmt: skip
