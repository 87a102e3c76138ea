"""Text → tokens, the same way for what is indexed and for what is asked.

NFKC, lower case, punctuation dropped; hanzi are cut by rjieba with the district's words, Latin
and digits stay together (``pm2.5``, ``tn-20261123-0042-c``) and are also indexed in parts. New
words are not guessed (no HMM): a guess depends on its neighbours, so that a question would be cut
otherwise than the text it looks for. Pinyin is not understood yet.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache

import rjieba

from search.dictionary import Dictionary, last_known

TOKEN_LENGTH = 64
SHORTEST_COMPOUND = 3
MOST_GROUPS = 12
MOST_ALTERNATIVES = 12

HAN = "〇\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
RUNS = re.compile(
    rf"(?P<han>[{HAN}]+)|(?P<latin>[a-z0-9]+(?:[-._/][a-z0-9]+)*)|(?P<other>[^\W_{HAN}a-z0-9]+)"
)
PARTS = re.compile(r"[a-z0-9]+")
IS_HAN = re.compile(rf"[{HAN}]+")

# Words of everyday speech that say nothing about the matter; dropped from questions only.
STOP_WORDS = frozenset(
    re.findall(
        r"\S+",
        """
        的 了 很 太 是 在 我 你 他 她 它 们 我们 你们 他们 我家 有 和 与 及 或 也 都 就 还 又 啊
        吗 呢 吧 呀 把 被 对 向 从 到 给 让 这 那 这个 那个 这里 那里 请 请问 怎么 怎么办 怎样
        如何 什么 为什么 哪里 哪儿 谁 能 会 要 想 可以 一个 一下 没有 不 没 个 得 地 着 过 a an
        and in of or the to
        """,
    )
)


@dataclass(frozen=True)
class Term:
    """One word to look for; ``prefix`` also finds longer words that begin with it."""

    text: str
    prefix: bool = False


Alternative = tuple[Term, ...]


@dataclass(frozen=True)
class Group:
    """One word of the question: any alternative will do; each needs all of its terms."""

    word: str
    alternatives: tuple[Alternative, ...]


def normalise(text: str) -> str:
    """Return ``text`` in NFKC and lower case, control characters and lone surrogates as blanks."""
    folded = unicodedata.normalize("NFKC", text).lower()
    return "".join(" " if unicodedata.category(c) in {"Cc", "Cs"} else c for c in folded)


@dataclass(frozen=True)
class Analyzer:
    """Cuts texts with one dictionary. Thread-safe: nothing changes after it is made."""

    dictionary: Dictionary
    _own: rjieba.Jieba = field(default_factory=rjieba.Jieba, compare=False, repr=False)
    _subwords: dict[str, tuple[str, ...]] = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        for word in self.dictionary.words:
            if len(word) > 1 and IS_HAN.fullmatch(word):
                self._own.add_word(word, None, None)

    def tokens(self, text: str) -> list[str]:
        """Return the tokens to index, in order, with repetitions and the words inside of words."""
        found: list[str] = []
        for run in RUNS.finditer(normalise(text)):
            value = run.group()
            if run.lastgroup == "han":
                for word in self._own.cut(value, hmm=False):
                    found.append(word)
                    found.extend(self._inside(word))
            else:
                found.append(value[:TOKEN_LENGTH])
                parts = PARTS.findall(value) if run.lastgroup == "latin" else []
                found.extend(part[:TOKEN_LENGTH] for part in parts if len(parts) > 1)
        return found

    def groups(self, text: str) -> list[Group]:
        """Return what a question asks for: at most 12 words with their synonyms."""
        words = list(dict.fromkeys(self._words(text)))
        telling = [word for word in words if word not in STOP_WORDS] or words
        alone = len(telling) == 1
        return [self._group(word, alone=alone) for word in telling[:MOST_GROUPS]]

    def _words(self, text: str) -> list[str]:
        found: list[str] = []
        for run in RUNS.finditer(normalise(text)):
            if run.lastgroup == "han":
                found.extend(self._own.cut(run.group(), hmm=False))
            else:
                found.append(run.group()[:TOKEN_LENGTH])
        return found

    def _inside(self, word: str) -> tuple[str, ...]:
        """Dictionary words inside of a longer word, found by shorter questions."""
        if len(word) < SHORTEST_COMPOUND:
            return ()
        if word not in self._subwords:
            inside = {w for w in self._own.cut_all(word) if 1 < len(w) < len(word)}
            self._subwords[word] = tuple(sorted(inside))
        return self._subwords[word]

    def _group(self, word: str, *, alone: bool) -> Group:
        # A single hanzi on its own, or part of a case number, finds whatever begins with it.
        prefix = (alone and len(word) == 1 and bool(IS_HAN.match(word))) or "-" in word
        alternatives: dict[Alternative, None] = {(Term(word, prefix),): None}
        for synonym in (word, *self.dictionary.synonyms_of(word)):
            whole = self._words(synonym)
            if synonym != word and whole:
                alternatives[tuple(map(Term, whole))] = None
            parts = rjieba.cut(synonym, hmm=False) if IS_HAN.fullmatch(synonym) else []
            if len(parts) > 1 and all(len(part) > 1 for part in parts):
                alternatives[tuple(map(Term, parts))] = None
        return Group(word, tuple(alternatives)[:MOST_ALTERNATIVES])


@lru_cache(maxsize=4)
def analyzer_for(dictionary: Dictionary) -> Analyzer:
    """Return the analyzer of ``dictionary``; made once per process (0.2 s, 35 MB)."""
    return Analyzer(dictionary)


def tokens(text: str) -> list[str]:
    """Return the tokens of ``text`` with the district's words as this process last knew them.

    For full-text fields elsewhere (Wagtail's ``SearchField`` on a property). No query once the
    dictionary is known to the process, one before.
    """
    return analyzer_for(last_known()).tokens(text)
