"""Cities with their coordinates in ten-thousandths of a degree, spelled as GeoNames (CC BY 4.0) spells them.

`RESTRICTED` is where the goods of the planted story end up, as public procurement documents of 2019 to 2021 showed;
the software under test has its own dated policy and does not read this.
"""

from dataclasses import dataclass

import numpy as np

from training.simulator.draws import Bools, Ints


@dataclass(frozen=True, slots=True)
class Place:
    """A city; `region` is an ISO 3166-2 code, empty where a country has none; `utc_hours` is its offset."""

    name: str
    country: str
    region: str
    latitude: int
    longitude: int
    utc_hours: int


RESTRICTED = frozenset({"CN-XJ", "CN-XZ"})

IN_RESTRICTED = (
    Place("Ürümqi", "CN", "CN-XJ", 438010, 876005, 8),
    Place("Korla", "CN", "CN-XJ", 417597, 861469, 8),
    Place("Karamay", "CN", "CN-XJ", 455000, 848667, 8),
    Place("Kashgar", "CN", "CN-XJ", 394547, 759797, 8),
    Place("Aksu", "CN", "CN-XJ", 411231, 802644, 8),
    Place("Ghulja", "CN", "CN-XJ", 439000, 813500, 8),
    Place("Gujangbagh", "CN", "CN-XJ", 370997, 799269, 8),
    Place("Hami", "CN", "CN-XJ", 428000, 934500, 8),
    Place("Turpan", "CN", "CN-XJ", 429477, 891789, 8),
    Place("Shihezi", "CN", "CN-XJ", 443023, 860369, 8),
    Place("Changji", "CN", "CN-XJ", 440078, 873044, 8),
    Place("Lhasa", "CN", "CN-XZ", 296500, 911000, 8),
    Place("Rikaze", "CN", "CN-XZ", 292504, 888814, 8),
    Place("Qamdo", "CN", "CN-XZ", 311431, 971722, 8),
)
CHINA = (
    Place("Beijing", "CN", "CN-BJ", 399075, 1163972, 8),
    Place("Tianjin", "CN", "CN-TJ", 391422, 1171767, 8),
    Place("Shanghai", "CN", "CN-SH", 312222, 1214581, 8),
    Place("Chongqing", "CN", "CN-CQ", 295603, 1065577, 8),
    Place("Guangzhou", "CN", "CN-GD", 231167, 1132500, 8),
    Place("Shenzhen", "CN", "CN-GD", 225455, 1140683, 8),
    Place("Wuhan", "CN", "CN-HB", 305833, 1142667, 8),
    Place("Chengdu", "CN", "CN-SC", 306667, 1040667, 8),
    Place("Xi’an", "CN", "CN-SN", 342583, 1089286, 8),
    Place("Nanjing", "CN", "CN-JS", 320617, 1187778, 8),
    Place("Suzhou", "CN", "CN-JS", 313041, 1205954, 8),
    Place("Hangzhou", "CN", "CN-ZJ", 302937, 1201614, 8),
    Place("Ningbo", "CN", "CN-ZJ", 298782, 1215495, 8),
    Place("Jinan", "CN", "CN-SD", 366683, 1169972, 8),
    Place("Qingdao", "CN", "CN-SD", 360649, 1203804, 8),
    Place("Zhengzhou", "CN", "CN-HA", 347578, 1136486, 8),
    Place("Changsha", "CN", "CN-HN", 281987, 1129709, 8),
    Place("Hefei", "CN", "CN-AH", 318639, 1172808, 8),
    Place("Fuzhou", "CN", "CN-FJ", 260614, 1193061, 8),
    Place("Xiamen", "CN", "CN-FJ", 244798, 1180819, 8),
    Place("Shenyang", "CN", "CN-LN", 417922, 1234328, 8),
    Place("Dalian", "CN", "CN-LN", 389122, 1216022, 8),
    Place("Changchun", "CN", "CN-JL", 438800, 1253228, 8),
    Place("Harbin", "CN", "CN-HL", 457500, 1266500, 8),
    Place("Nanchang", "CN", "CN-JX", 286833, 1158833, 8),
    Place("Kunming", "CN", "CN-YN", 250389, 1027183, 8),
    Place("Guiyang", "CN", "CN-GZ", 265833, 1067167, 8),
    Place("Nanning", "CN", "CN-GX", 228167, 1083167, 8),
    Place("Taiyuan", "CN", "CN-SX", 378694, 1125603, 8),
    Place("Shijiazhuang", "CN", "CN-HE", 380414, 1144786, 8),
    Place("Lanzhou", "CN", "CN-GS", 360570, 1038400, 8),
    Place("Xining", "CN", "CN-QH", 366256, 1017574, 8),
    Place("Yinchuan", "CN", "CN-NX", 384681, 1062731, 8),
    Place("Hohhot", "CN", "CN-NM", 408106, 1116522, 8),
)
HUBS = (
    Place("Hong Kong", "HK", "", 222783, 1141747, 8),
    Place("Singapore", "SG", "", 12897, 1038501, 8),
    Place("Dubai", "AE", "AE-DU", 252582, 553047, 4),
)
UNITED_STATES = (
    Place("Boston", "US", "US-MA", 423584, -710598, -5),
    Place("New York City", "US", "US-NY", 407143, -740060, -5),
    Place("Philadelphia", "US", "US-PA", 399523, -751636, -5),
    Place("Baltimore", "US", "US-MD", 392904, -766122, -5),
    Place("Durham", "US", "US-NC", 359940, -788986, -5),
    Place("Atlanta", "US", "US-GA", 337490, -843880, -5),
    Place("Chicago", "US", "US-IL", 418500, -876500, -6),
    Place("Houston", "US", "US-TX", 297633, -953633, -6),
    Place("Denver", "US", "US-CO", 397392, -1049847, -7),
    Place("Seattle", "US", "US-WA", 476062, -1223321, -8),
    Place("San Francisco", "US", "US-CA", 377749, -1224194, -8),
    Place("San Diego", "US", "US-CA", 327157, -1171647, -8),
)
EUROPE = (
    Place("London", "GB", "GB-LND", 515085, -1257, 0),
    Place("Manchester", "GB", "GB-MAN", 534809, -22374, 0),
    Place("Berlin", "DE", "DE-BE", 525244, 134105, 1),
    Place("München", "DE", "DE-BY", 481374, 115755, 1),
    Place("Frankfurt am Main", "DE", "DE-HE", 501155, 86842, 1),
    Place("Paris", "FR", "FR-IDF", 488534, 23488, 1),
    Place("Lyon", "FR", "FR-ARA", 457485, 48467, 1),
    Place("Amsterdam", "NL", "NL-NH", 523740, 48897, 1),
    Place("Milan", "IT", "IT-25", 454643, 91895, 1),
    Place("Madrid", "ES", "ES-MD", 404165, -37026, 1),
    Place("Warsaw", "PL", "PL-14", 522298, 210118, 1),
    Place("Stockholm", "SE", "SE-AB", 593294, 180686, 1),
    Place("Zürich", "CH", "CH-ZH", 473667, 85500, 1),
)
ELSEWHERE = (
    Place("Tokyo", "JP", "JP-13", 356895, 1396917, 9),
    Place("Osaka", "JP", "JP-27", 346937, 1355022, 9),
    Place("Seoul", "KR", "KR-11", 375660, 1269784, 9),
    Place("Kuala Lumpur", "MY", "MY-14", 31412, 1016865, 8),
    Place("Bangkok", "TH", "TH-10", 137540, 1005014, 7),
    Place("Ho Chi Minh City", "VN", "VN-SG", 108230, 1066296, 7),
    Place("Mumbai", "IN", "IN-MH", 190728, 728826, 5),
    Place("Almaty", "KZ", "KZ-75", 432500, 769167, 5),
    Place("Tashkent", "UZ", "UZ-TK", 412647, 692163, 5),
    Place("Istanbul", "TR", "TR-34", 410138, 289497, 3),
    Place("Sydney", "AU", "AU-NSW", -338678, 1512073, 10),
    Place("Toronto", "CA", "CA-ON", 437001, -794163, -5),
)
PLACES = IN_RESTRICTED + CHINA + HUBS + UNITED_STATES + EUROPE + ELSEWHERE
"""Every city; all else names a city by its position here."""

GROUPS = (IN_RESTRICTED, CHINA, HUBS, UNITED_STATES, EUROPE, ELSEWHERE)
GROUP_START: Ints = np.cumsum([0, *(len(group) for group in GROUPS[:-1])])
GROUP_SIZE: Ints = np.array([len(group) for group in GROUPS])
COUNTRIES = tuple(dict.fromkeys(place.country for place in PLACES))
REGIONS = tuple(dict.fromkeys(place.region or place.country for place in PLACES))
COUNTRY: Ints = np.array([COUNTRIES.index(place.country) for place in PLACES])
REGION: Ints = np.array([REGIONS.index(place.region or place.country) for place in PLACES])
LATITUDE: Ints = np.array([place.latitude for place in PLACES])
LONGITUDE: Ints = np.array([place.longitude for place in PLACES])
UTC_HOURS: Ints = np.array([place.utc_hours for place in PLACES])
SENSITIVE: Bools = np.array([place.region in RESTRICTED for place in PLACES])
IS_HUB: Bools = np.array([place in HUBS for place in PLACES])
IN_CHINA: Bools = np.array([place.country == "CN" for place in PLACES])
NEXT_DOOR: Ints = np.array(
    [n for n, place in enumerate(PLACES) if place.region in {"CN-GS", "CN-QH", "CN-SC", "CN-YN"}]
)
HUB: Ints = np.flatnonzero(IS_HUB)
CHINESE = COUNTRIES.index("CN")
