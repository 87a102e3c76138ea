"""Errors of the places app.

PlacesError
├── PackError         a district pack cannot be read: names file, place and remedy
├── DuplicateLoader   two loaders claim the same section of the pack
└── DemoDisabled      demonstration content was asked for without DEMO=1
"""


class PlacesError(Exception):
    """Base of every error raised by ``foundation.places``."""


class PackError(PlacesError):
    """A mistake in a district pack, told so that its author can repair it.

    Reads "areas.json, areas[12] (320402001), parent: there is no area 320402009".
    """

    def __init__(self, file: str, where: str, problem: str) -> None:
        self.file = file
        self.where = where
        self.problem = problem
        super().__init__(f"{file}, {where}: {problem}" if where else f"{file}: {problem}")


class DuplicateLoader(PlacesError):
    """Two functions registered for one section of the pack; the registry refuses the second."""


class DemoDisabled(PlacesError):
    """Demonstration content is only ever loaded into an installation that says DEMO=1."""
