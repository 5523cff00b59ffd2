"""The reseller: how long we know it, what it usually buys, and what changed."""

from features.windows.view import (
    ALL,
    Burst,
    Count,
    Distinct,
    FindingRate,
    Gap,
    LineFeature,
    Max,
    Mean,
    Ratio,
    Share,
    SinceLast,
    Std,
    Sum,
    View,
    ZScore,
)

STANDING = (
    LineFeature(
        "reseller_age", "age", ("founded_at",), "d", "reseller",
        "the reseller was founded {value} days ago", sign=-1, red_flag="RF09",
    ),
    LineFeature(
        "reseller_tenure", "age", ("authorised_from",), "d", "reseller",
        "the reseller was first authorised {value} days ago", red_flag="RF10",
    ),
    LineFeature(
        "reseller_authorised", "active", ("authorised_from", "authorised_to"), "0/1", "reseller",
        "the reseller is authorised", sign=-1,
    ),
)  # fmt: skip

RESELLER = View(
    "reseller", ("reseller",), "reseller", "this reseller",
    (
        Count("orders", windows=(7, 30, 90, 365)),
        Sum("value", windows=(30, 365)),
        Mean("value", windows=(365,)),
        Std("value", windows=(365,)),
        Ratio("value", windows=(365,), red_flag="RF39"),
        ZScore("value", windows=(365,), red_flag="RF39"),
        Mean("units", windows=(365,)),
        Ratio("units", windows=(365,), red_flag="RF37"),
        Distinct("end_user", windows=(365,)),
        Distinct("ship_city", windows=(365,)),
        Distinct("sku", windows=(365,)),
        Share("sensitive", windows=(90, 365), red_flag="RF40"),
        Share("restricted", windows=(365,), red_flag="RF32"),
        Share("to_bordering_regions", windows=(365,), red_flag="RF32"),
        Share("outside_territory", windows=(365,)),
        Share("via_hubs", windows=(365,), red_flag="RF20"),
        Share("vaguely_addressed", windows=(365,), red_flag="RF22"),
        Share("abroad", windows=(365,)),
        Share("stock", windows=(365,), red_flag="RF34"),
        Share("undeclared", windows=(365,), red_flag="RF05"),
        SinceLast("orders", red_flag="RF39"),
        Burst("orders", windows=(10,), usual=365, red_flag="RF38"),
        Gap("orders", windows=(365,), red_flag="RF39"),
        Max("value", windows=(365,)),
        Burst("sensitive", windows=(90,), usual=365, red_flag="RF40"),
        Count("diverted", windows=(ALL,), sign=1),
        Count("cleared", windows=(ALL,), sign=-1),
        Count("inconclusive", windows=(ALL,)),
        FindingRate(sign=1),
        FindingRate(sign=1, windows=(365,)),
    ),
)  # fmt: skip
