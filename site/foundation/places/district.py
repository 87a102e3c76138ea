"""The district's profile as plain values: what ``district.toml`` says, checked. Pure."""

from dataclasses import asdict, dataclass
from typing import Any

from foundation.places.pack import Pack
from foundation.places.pack_rows import Row

Ring = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Hotline:
    """A public telephone: what it is for, number, when it answers."""

    name: str
    number: str
    note: str = ""


@dataclass(frozen=True)
class Footer:
    """What a government site prints at the bottom of every page (domain §5)."""

    organiser: str = ""
    address: str = ""
    phone: str = ""
    support_phone: str = ""
    site_code: str = ""
    icp: str = ""
    police_record: str = ""
    #: (words, address) of pages every reader must find, e.g. privacy and accessibility.
    links: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class DistrictProfile:
    """Names, extent and contacts of the installation's district.

    ``bbox`` is (west, south, east, north) in WGS-84 degrees; ``boundary`` an optional outline
    (without it the union of the grids counts). ``case_prefix`` starts every public case number.
    """

    code: str = ""
    name: str = ""
    full_name: str = ""
    city: str = ""
    platform_name: str = ""
    slogan: str = ""
    case_prefix: str = ""
    bbox: tuple[float, float, float, float] = (-180.0, -90.0, 180.0, 90.0)
    centre: tuple[float, float] = (0.0, 0.0)
    boundary: Ring = ()
    hotlines: tuple[Hotline, ...] = ()
    footer: Footer = Footer()
    channels: tuple[str, ...] = ()
    demo_notice: str = ""

    @property
    def is_loaded(self) -> bool:
        """False until a district pack has been loaded."""
        return bool(self.code)

    @property
    def hotline(self) -> Hotline | None:
        """The first, main telephone."""
        return self.hotlines[0] if self.hotlines else None

    def as_json(self) -> dict[str, Any]:
        """JSON-able fields, for the database row."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "DistrictProfile":
        """The inverse of :meth:`as_json` (tuples come back as lists)."""
        west, south, east, north = data["bbox"]
        known = {name: data[name] for name in cls.__dataclass_fields__ if name in data}
        known |= {
            "bbox": (west, south, east, north),
            "centre": tuple(data["centre"]),
            "boundary": tuple((lon, lat) for lon, lat in data["boundary"]),
            "hotlines": tuple(Hotline(**hotline) for hotline in data["hotlines"]),
            "footer": _footer_from_json(data["footer"]),
            "channels": tuple(data["channels"]),
        }
        return cls(**known)


def read_district(pack: Pack) -> DistrictProfile:
    """Read and check ``district.toml``."""
    row = pack.row("district")
    bbox = _bbox(row)
    centre = _numbers(row, "centre", 2, default=((bbox[0] + bbox[2]) / 2, (bbox[1] + bbox[3]) / 2))
    profile = DistrictProfile(
        code=row.text("code", longest=12),
        name=row.text("name", longest=80),
        full_name=row.text("full_name", longest=80),
        city=row.text("city", ""),
        platform_name=row.text("platform_name", longest=40),
        slogan=row.text("slogan", ""),
        case_prefix=_prefix(row),
        bbox=bbox,
        centre=(centre[0], centre[1]),
        boundary=_ring(row),
        hotlines=tuple(_hotline(entry) for entry in row.rows("hotlines")),
        footer=_footer(row.table("footer", {})),
        channels=row.texts("channels", ()),
        demo_notice=row.text("demo_notice", ""),
    )
    row.finish()
    return profile


def _prefix(row: Row) -> str:
    prefix = row.text("case_prefix", longest=4)
    if not (prefix.isascii() and prefix.isalpha() and prefix.isupper()):
        raise row.error("case_prefix", f"must be capital letters A–Z like TN, not {prefix!r}")
    return prefix


def _numbers(row: Row, field: str, count: int, default: tuple[float, ...] = ()) -> list[float]:
    value = row.raw(field, list(default)) if default else row.raw(field)
    numbers = [v for v in value if isinstance(v, int | float)] if isinstance(value, list) else []
    if len(numbers) != count or not isinstance(value, list) or len(value) != count:
        raise row.error(field, f"must be a list of {count} numbers, not {value!r}")
    return [float(number) for number in numbers]


def _bbox(row: Row) -> tuple[float, float, float, float]:
    west, south, east, north = _numbers(row, "bbox", 4)
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        problem = "must be west, south, east, north in degrees (longitude first), west < east"
        raise row.error("bbox", problem)
    return west, south, east, north


def _ring(row: Row) -> Ring:
    value = row.raw("boundary", [])
    if not isinstance(value, list) or (value and len(value) < 4):
        raise row.error("boundary", "must be a list of at least four [longitude, latitude] points")
    points = []
    for point in value:
        if not (isinstance(point, list) and len(point) == 2):
            raise row.error("boundary", f"holds {point!r}, which is not [longitude, latitude]")
        points.append((float(point[0]), float(point[1])))
    return tuple(points)


def _hotline(row: Row) -> Hotline:
    hotline = Hotline(
        row.text("name"), row.text("number", longest=40), row.text("note", "", longest=120)
    )
    row.finish()
    return hotline


def _footer(row: Row) -> Footer:
    names = [name for name in Footer.__dataclass_fields__ if name != "links"]
    links = tuple((r.text("title"), r.text("path")) for r in row.rows("links", ()))
    footer = Footer(**{name: row.text(name, "") for name in names}, links=links)
    row.finish()
    return footer


def _footer_from_json(data: dict[str, Any]) -> Footer:
    links = tuple((title, path) for title, path in data.get("links", ()))
    return Footer(**{**data, "links": links})
