"""The district's words for search: ``synonyms.txt`` of the data pack.

One group a line, words parted by commas: they mean the same. A line with one word (a river, a park)
keeps that word together. ``#`` begins a comment line.
"""

from foundation.places.pack import Changes, Pack, PackError, loader
from search.services import replace_synonyms

LONGEST_LINE = 400


@loader("synonyms", order=60)
def load_synonyms(pack: Pack) -> Changes:
    """``synonyms.txt`` → the district's words; a pack without the file has none."""
    lines = pack.lines("synonyms") if pack.has("synonyms.txt") else []
    for number, line in lines:
        if len(line) > LONGEST_LINE:
            problem = f"is longer than {LONGEST_LINE} characters; make two groups of it"
            raise PackError("synonyms.txt", f"line {number}", problem)
    changes = replace_synonyms(groups=[line.replace("，", ",").split(",") for _, line in lines])
    return Changes(added=changes.added, unchanged=changes.unchanged, removed=changes.removed)
