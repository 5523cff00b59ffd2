"""The goods: how sensitive, of which category, and how usual for this reseller and this use."""

from features.windows.view import (
    Burst,
    Count,
    Distinct,
    FindingRate,
    LineFeature,
    Mean,
    Quotient,
    Ratio,
    Share,
    SinceLast,
    View,
    ZScore,
)

GOODS = (
    LineFeature(
        "product_sensitivity", "direct", ("sensitivity",), "0..3", "category", "the product is graded {value} of 3",
    ),
)  # fmt: skip

CATEGORY = (
    View(
        "category", ("category",), "category", "this category",
        (Count(windows=(90,)), Mean("unit_value", windows=(365,)), Ratio("unit_value", windows=(365,), red_flag="RF17"),
         Mean("units", windows=(365,)), Ratio("units", windows=(365,), red_flag="RF37"), FindingRate(sign=1)),
    ),
    View("category_top", ("category_top",), "category", "this branch of categories",
         (Count(windows=(90,)), FindingRate(sign=1))),
    View("hs6", ("hs6",), "category", "this HS subheading",
         (Count(windows=(365,)), Ratio("unit_value", windows=(365,), red_flag="RF17"), FindingRate(sign=1))),
    View("eccn_group", ("eccn_group",), "category", "this ECCN group",
         (Share("restricted", windows=(365,)), FindingRate(sign=1))),
    View("category_region", ("category_top", "ship_region"), "category", "this branch of categories to this region",
         (Count(windows=(90, 365)), Distinct("reseller", windows=(365,)), FindingRate(sign=1))),
    View("product", ("sku",), "category", "this product",
         (Count(windows=(365,)), ZScore("unit_value", windows=(365,), red_flag="RF17"), Mean("units", windows=(365,)),
          Ratio("units", windows=(365,), red_flag="RF37"), FindingRate(sign=1))),
    View("reseller_category", ("reseller", "category"), "category", "this reseller in this category",
         (Count(windows=(90, 365), red_flag="RF07"), Mean("units", windows=(365,)), Ratio("units", windows=(365,), red_flag="RF37"), SinceLast(),
          Burst("lines", windows=(10,), usual=90, red_flag="RF38"),
          FindingRate(sign=1))),
    View("reseller_product", ("reseller", "sku"), "category", "this reseller of this product",
         (Count(windows=(90, 365), red_flag="RF07"), Mean("units", windows=(365,)),
          Ratio("units", windows=(365,), red_flag="RF37"))),
    View("category_use", ("category", "end_user_class"), "category", "this category with this class of end user",
         (Count(windows=(365,), red_flag="RF08"), FindingRate(sign=1))),
)  # fmt: skip

MIX = (
    Quotient(
        "reseller_category_share_365d", "reseller_category_lines_count_365d", "reseller_lines_count_365d", "share",
        "category", "{value} of the lines of this reseller in the last 365 days were of this category", red_flag="RF07",
    ),
    Quotient(
        "reseller_product_share_365d", "reseller_product_lines_count_365d", "reseller_lines_count_365d", "share",
        "category", "{value} of the lines of this reseller in the last 365 days were of this product", red_flag="RF07",
    ),
    Quotient(
        "reseller_category_units_to_others_365d", "reseller_category_units_mean_365d", "category_units_mean_365d", "1",
        "category", "this reseller buys {value} times as much of this category at once as others do", red_flag="RF37",
    ),
    Quotient(
        "reseller_product_units_to_others_365d", "reseller_product_units_mean_365d", "product_units_mean_365d", "1",
        "category", "this reseller buys {value} times as much of this product at once as others do", red_flag="RF37",
    ),
)  # fmt: skip
"""What a reseller buys, against all that it buys and against what others buy."""
