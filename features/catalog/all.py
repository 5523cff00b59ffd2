"""The whole catalogue as one feature set."""

from features.catalog.attributes import attribute_views
from features.catalog.awards import AWARDS
from features.catalog.end_user import END_USER
from features.catalog.goods import CATEGORY, GOODS, MIX
from features.catalog.location import LOCATION, SHIP_TO
from features.catalog.network import NETWORK
from features.catalog.reseller import RESELLER, STANDING
from features.catalog.transaction import TRANSACTION
from features.windows.feature_set import FeatureSet


def catalogue(attributes: tuple[str, ...] = ()) -> FeatureSet:
    """Every definition that ships, and the views of one's own `attributes`."""
    names = tuple(sorted(attributes))
    return FeatureSet(
        lines=(*TRANSACTION, *STANDING, *LOCATION, *GOODS),
        views=(RESELLER, *CATEGORY, *SHIP_TO, *END_USER, *NETWORK, *AWARDS, *attribute_views(names)),
        attributes=names,
        quotients=MIX,
    )
