"""Where it goes, seen from where the reseller sits."""

from features.windows.view import Count, FindingRate, LineFeature, Share, Statistic, View

LOCATION = (
    LineFeature(
        "ship_to_region_sensitivity", "direct", ("region_sensitivity",), "0..3", "location",
        "policy grades the ship-to region {value} of 3", sign=1, red_flag="RF32",
    ),
    LineFeature(
        "ship_to_at_home", "same", ("ship_country", "site_country"), "0/1", "location",
        "the goods go to the reseller's own country",
    ),
    LineFeature(
        "ship_to_distance_km", "distance",
        ("site_latitude", "site_longitude", "ship_latitude", "ship_longitude"), "km", "location",
        "the goods go {value} km from the reseller's site", red_flag="RF22",
    ),
)  # fmt: skip

_PLACE: tuple[Statistic, ...] = (Count(windows=(90, 365)), Share("sensitive", windows=(365,)), FindingRate(sign=1))

SHIP_TO = (
    View("ship_to_region", ("ship_region",), "location", "this ship-to region", _PLACE),
    View(
        "ship_to_city",
        ("ship_city",),
        "location",
        "this ship-to city",
        (Count(windows=(365,)), FindingRate(sign=1)),
    ),
)
