"""The district's words and synonyms, read from the database where the data pack put them."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from search.models import SynonymSet


@dataclass(frozen=True)
class Dictionary:
    """Groups of words that mean the same; a group of one is simply a word to keep together."""

    groups: tuple[tuple[str, ...], ...]

    @cached_property
    def words(self) -> frozenset[str]:
        """Every word of every group, normalised."""
        return frozenset(word for group in self.groups for word in group)

    @cached_property
    def _by_word(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {}
        for group in self.groups:
            for word in group:
                known = found.setdefault(word, [])
                known.extend(w for w in group if w != word and w not in known)
        return {word: tuple(others) for word, others in found.items()}

    def synonyms_of(self, word: str) -> tuple[str, ...]:
        """Return the other words of the groups that hold ``word``, in the pack's order."""
        return self._by_word.get(word, ())


def dictionary_of(lines: Iterable[str]) -> Dictionary:
    """Return the dictionary of ``lines``, each with words parted by commas (as stored)."""
    return Dictionary(tuple(tuple(line.split(",")) for line in lines))


_known: Dictionary | None = None


def current() -> Dictionary:
    """Return the dictionary as the database has it now: one query."""
    global _known
    _known = dictionary_of(SynonymSet.objects.values_list("words", flat=True))
    return _known


def last_known() -> Dictionary:
    """Return what ``current`` last gave this process (one query if it never did)."""
    return _known if _known is not None else current()
