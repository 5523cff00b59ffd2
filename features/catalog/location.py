"""Where it goes, seen from where the reseller sits."""

from features.windows.view import Count, Distinct, FindingRate, LineFeature, Share, SinceLast, Statistic, View

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
    LineFeature(
        "ship_to_plane_distance_km", "direct", ("plane_distance",), "km", "location",
        "on the plane of the data the goods go {value} km from the reseller's site", 0.001, red_flag="RF22",
    ),
    LineFeature(
        "ship_to_in_own_region", "same", ("ship_region", "site_region"), "0/1", "location",
        "the goods go to the reseller's own region",
    ),
    LineFeature(
        "ship_to_in_own_prefecture", "same", ("ship_prefecture", "site_prefecture"), "0/1", "location",
        "the goods go to the reseller's own prefecture",
    ),
    LineFeature(
        "ship_to_in_territory", "direct", ("in_territory",), "0/1", "location",
        "the goods go where the reseller may sell", sign=-1,
    ),
    LineFeature(
        "ship_to_own_site", "flag", ("to_own_site",), "0/1", "location",
        "the goods go to the reseller's own site", red_flag="RF22",
    ),
    LineFeature(
        "ship_to_hub", "flag", ("via_hubs",), "0/1", "location",
        "the goods go to a hub of transshipment that is not the reseller's country", red_flag="RF20",
    ),
    LineFeature(
        "ship_to_vague", "flag", ("vaguely_addressed",), "0/1", "location",
        "of the ship-to only the country is told", red_flag="RF22",
    ),
    LineFeature(
        "ship_to_confidence", "direct", ("ship_confidence",), "0..4", "location",
        "the ship-to is known with confidence {value} of 4", red_flag="RF22",
    ),
    LineFeature(
        "site_region_sensitivity", "direct", ("site_sensitivity",), "0..3", "location",
        "policy grades the region of the reseller's site {value} of 3", sign=1, red_flag="RF33",
    ),
)  # fmt: skip

_PLACE: tuple[Statistic, ...] = (Count(windows=(90, 365)), Share("sensitive", windows=(365,)), FindingRate(sign=1))

SHIP_TO = (
    View("ship_to_region", ("ship_region",), "location", "this ship-to region", _PLACE),
    View("ship_to_prefecture", ("ship_prefecture",), "location", "this ship-to prefecture",
         (Count(windows=(365,)), Distinct("reseller", windows=(365,)), FindingRate(sign=1))),
    View(
        "ship_to_city",
        ("ship_city",),
        "location",
        "this ship-to city",
        (Count(windows=(365,)), FindingRate(sign=1)),
    ),
    View("reseller_region", ("reseller", "ship_region"), "location", "this reseller to this region",
         (Count(windows=(365,)), SinceLast(), FindingRate(sign=1))),
    View("site_region", ("site_region",), "location", "the resellers of the reseller's region",
         (Share("restricted", windows=(365,), red_flag="RF33"), FindingRate(sign=1))),
)  # fmt: skip
