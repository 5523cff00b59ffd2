"""The goods: how sensitive, of which category, and how usual for this reseller and this use."""

from features.windows.view import (
    Burst,
    Count,
    Distinct,
    FindingRate,
    LineFeature,
    Mean,
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
         Ratio("units", windows=(365,), red_flag="RF37"), FindingRate(sign=1)),
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
         (Count(windows=(365,)), ZScore("unit_value", windows=(365,), red_flag="RF17"), FindingRate(sign=1))),
    View("reseller_category", ("reseller", "category"), "category", "this reseller in this category",
         (Count(windows=(365,), red_flag="RF07"), Ratio("units", windows=(365,), red_flag="RF37"), SinceLast(),
          Burst("lines", windows=(10,), usual=90, red_flag="RF38"),
          FindingRate(sign=1))),
    View("category_use", ("category", "end_user_class"), "category", "this category with this class of end user",
         (Count(windows=(365,), red_flag="RF08"), FindingRate(sign=1))),
)  # fmt: skip
