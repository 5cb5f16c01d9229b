"""
What the terms of a document mean: JSON-LD contexts, as far as credentials use them.

Terms that hold everywhere, terms that hold in objects of a type, terms that hold below a key: the
two latter are JSON-LD's type-scoped and property-scoped contexts (JSON-LD 1.1, section 4.1.8). All
contexts are treated as protected: a term that two of them define differently is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeVar

# What a term's string is, if it is no literal: an IRI; or one of a few words that are IRIs.
ID, VOCAB = "@id", "@vocab"
SET, LIST, GRAPH = "@set", "@list", "@graph"


@dataclass(frozen=True)
class Term:
    """
    A key: what it means, what its strings are, and how several values are kept.

    `type` is the IRI of a datatype, or `ID`, or `VOCAB`; without it strings are plain. `terms` are
    those that only hold below this key.
    """

    iri: str
    type: str | None = None
    container: str | None = None
    terms: Mapping[str, Term] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Type:
    """A type, and the terms that only hold in an object of this type, not below it."""

    iri: str
    terms: Mapping[str, Term] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Context:
    """What one JSON-LD context defines: the types, and the terms that hold in every object."""

    url: str
    types: Mapping[str, Type] = field(default_factory=dict, hash=False)
    terms: Mapping[str, Term] = field(default_factory=dict, hash=False)


class ConflictingTerms(Exception):
    """Two definitions of one term that would hold in the same object; JSON-LD refuses it, too."""


class Scope:
    """
    The terms that hold somewhere in a document: what its contexts define, and what a key adds.

    Put as N-Quads have them, once, since they are looked up for every key that is signed.
    `is_whole` says that nothing but the contexts makes it.
    """

    def __init__(self, contexts: Iterable[Context], terms: Mapping[str, Term]) -> None:
        self._contexts = tuple(contexts)
        self.urls = frozenset(context.url for context in self._contexts)
        self.is_whole = not terms
        self._terms = dict(terms)
        self.types: dict[str, Type] = {}
        for context in self._contexts:
            _add(self._terms, context.terms)
            _add(self.types, context.types)
        self._without_types = {name: Compiled(term, self) for name, term in self._terms.items()}
        # There are more combinations of types than anybody would keep.
        self._with_types = lru_cache(maxsize=256)(self._of_types)

    def terms(self, *types: str) -> Mapping[str, Compiled]:
        """The terms of an object of these types, as `of_types` gives them."""
        return self.of_types(types)[1]

    def of_types(self, types: tuple[str, ...]) -> tuple[tuple[str, ...], Mapping[str, Compiled]]:
        """
        The types' IRIs, and the terms of an object that is of all of them.

        Raises KeyError for an unknown type, TypeError for what can't be one, `ConflictingTerms`.
        """
        return self._with_types(types)

    def below(self, term: Term) -> Scope:
        """The scope below a key that has terms of its own."""
        return Scope(self._contexts, {**self._terms, **term.terms})

    def _of_types(self, types: tuple[str, ...]) -> tuple[tuple[str, ...], Mapping[str, Compiled]]:
        terms = dict(self._terms)
        for name in types:
            _add(terms, self.types[name].terms)
        return tuple(f"<{self.types[name].iri}>" for name in types), {
            name: self._without_types.get(name) or Compiled(term, self)
            for name, term in terms.items()
        }


class Compiled:
    """A term as the canonicaliser uses it."""

    __slots__ = ("_below", "_scope", "container", "datatype", "is_link", "node", "term", "words")

    def __init__(self, term: Term, scope: Scope) -> None:
        self.term = term
        self.node = f"<{term.iri}>"
        self.container = term.container
        self.is_link = term.type in (ID, VOCAB)
        self.datatype = f"<{term.type}>" if term.type and not self.is_link else None
        self.words = {
            name: f"<{word.iri}>" for name, word in term.terms.items() if term.type == VOCAB
        }
        self._scope = scope
        self._below: Scope | None = None

    @property
    def scope(self) -> Scope:
        """What holds below this key."""
        if not self.term.terms:
            return self._scope
        if self._below is None:
            self._below = self._scope.below(self.term)
        return self._below


class Vocabulary:
    """The contexts that are known."""

    def __init__(self, *contexts: Context) -> None:
        self._contexts = {context.url: context for context in contexts}
        self._scope = lru_cache(maxsize=64)(self._of_contexts)

    def __contains__(self, url: object) -> bool:
        return url in self._contexts

    def with_contexts(self, *contexts: Context) -> Vocabulary:
        """The same, and some more."""
        return Vocabulary(*self._contexts.values(), *contexts)

    def scope(self, urls: frozenset[str]) -> Scope:
        """What holds under these contexts. In which order they come makes no difference."""
        return self._scope(urls)

    def _of_contexts(self, urls: frozenset[str]) -> Scope:
        return Scope((self._contexts[url] for url in sorted(urls)), {})


_Definition = TypeVar("_Definition", Term, Type)


def _add(known: dict[str, _Definition], more: Mapping[str, _Definition]) -> None:
    for name, definition in more.items():
        if known.setdefault(name, definition) != definition:
            raise ConflictingTerms(name)
