"""
The canonical form of a credential: what is signed.

A document is turned into RDF as JSON-LD does it (JSON-LD 1.1 Processing Algorithms, sections 5.1
and 7.1), by the table in `terms.py`, and canonicalised by RDFC-1.0. What JSON-LD would leave out
silently, and what has no form that all software agrees on, is refused instead: unknown keys and
types, relative addresses, keywords such as `@value`, blank nodes with a name, arrays in arrays,
numbers beyond 2^53.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Container, Hashable, Iterable, Mapping
from dataclasses import dataclass
from math import factorial
from pathlib import Path
from typing import Any, Final

from pyoxigraph import NamedNode

from microcred_plugin.apart import NotDone, run_apart
from microcred_plugin.credentials.errors import (
    NotCanonical,
    TooComplex,
    UnfitValue,
    UnknownContext,
    UnknownTerm,
)
from microcred_plugin.credentials.rdfc import canonical_nquads
from microcred_plugin.credentials.terms import CREDENTIALS_V2, VOCABULARY
from microcred_plugin.credentials.vocabulary import (
    GRAPH,
    LIST,
    Compiled,
    ConflictingTerms,
    Scope,
    Vocabulary,
)

Document = Mapping[str, Any]
# Subject, predicate, object and graph as N-Quads have them; the default graph is "". They are put
# together as text, since pyoxigraph reads text in a third of the time that it takes to make its
# objects one by one.
Quad = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class Limits:
    """
    How much a document may be.

    `values` counts objects and what is in them, `characters` their texts. `comparisons` is an
    upper bound of what RDFC-1.0 has to try for nodes that look alike: 20 000 take 0.3 s.
    """

    depth: int = 32
    values: int = 20_000
    characters: int = 4 * 1024 * 1024
    comparisons: int = 20_000


LIMITS: Final = Limits()
SECONDS: Final = 5
_MOST_BYTES = 1024**3
# On a busy server a process waits for its turn, and that is not its own doing.
_WAITING_SECONDS = 10

_SCRIPT = Path(__file__).with_name("rdfc.py")

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_TYPE = f"<{_RDF}type>"
_FIRST, _REST, _NIL = (f"<{_RDF}{name}>" for name in ("first", "rest", "nil"))
_BOOLEAN, _INTEGER, _DOUBLE = (
    f"<http://www.w3.org/2001/XMLSchema#{name}>" for name in ("boolean", "integer", "double")
)
# Each combination of types is put together and kept: nobody has more than two or three.
_MOST_TYPES = 8
_NO_TERMS = frozenset(("id", "type", "@context"))
# What canonical N-Quads write otherwise than it is (RDF Dataset Canonicalization, section 5): the
# control characters of ASCII, and the two of these that XML 1.1 has no place for.
_TO_ESCAPE = re.compile('["\\\\\x00-\x1f\x7f\ufffe\uffff]')
_ESCAPES = {
    **{code: f"\\u{code:04X}" for code in (*range(0x20), 0x7F, 0xFFFE, 0xFFFF)},
    **str.maketrans(
        {
            "\b": "\\b",
            "\t": "\\t",
            "\n": "\\n",
            "\f": "\\f",
            "\r": "\\r",
            '"': '\\"',
            "\\": "\\\\",
        }
    ),
}
# Beyond it other software, which has only doubles, reads another number (RFC 7493, section 2.2).
_LARGEST_INTEGER = 2**53 - 1


def canonical(
    document: Document, *, vocabulary: Vocabulary = VOCABULARY, limits: Limits = LIMITS
) -> bytes:
    """
    The document's canonical N-Quads, in UTF-8.

    Raises `UnknownContext`, `UnknownTerm`, `UnfitValue` or `TooComplex`, which are `NotCanonical`.
    """
    return _canonical(document, vocabulary, limits, canonical_nquads)


def canonical_isolated(
    document: Document,
    *,
    seconds: int = SECONDS,
    vocabulary: Vocabulary = VOCABULARY,
    limits: Limits = LIMITS,
) -> bytes:
    """
    The same for a document of somebody else's, in a process of its own with bounds.

    It may take so many seconds of processor time and 1 GB of memory; beyond, it is `TooComplex`.
    """
    return _canonical(document, vocabulary, limits, lambda nquads: _in_a_process(nquads, seconds))


def _in_a_process(nquads: bytes, seconds: int) -> bytes:
    try:
        return run_apart(
            _SCRIPT, seconds, _MOST_BYTES, content=nquads, seconds=seconds + _WAITING_SECONDS
        )
    except NotDone as error:
        raise TooComplex(f"canonicalising it did not end: {error}") from error


def _canonical(
    document: Document,
    vocabulary: Vocabulary,
    limits: Limits,
    canonicalise: Callable[[bytes], bytes],
) -> bytes:
    """
    The document in RDF, in its canonical form.

    RDFC-1.0 gives names to blank nodes, by the quads that they are in: only these are given to
    it, and all others are in their canonical form already. So are all if there is one blank node,
    whose name is always the first.
    """
    reading = _Reading(vocabulary, limits)
    reading.read(document)
    lines, to_name = set(), []
    is_named = reading.blank_nodes < 2
    for quad in reading.quads:
        subject, predicate, value, graph = quad
        if is_named or (subject[0] != "_" and value[0] != "_" and not graph):
            lines.add(f"{subject} {predicate} {value}{' ' if graph else ''}{graph} .")
        else:
            to_name.append(quad)
    if _comparisons(to_name, limits.comparisons) > limits.comparisons:
        raise TooComplex("too many of its parts look alike")
    try:
        if to_name:
            nquads = "".join([f"{' '.join(quad)} .\n" for quad in to_name])
            # Split on the line feed only: other characters that end lines elsewhere are in texts
            # as they are.
            lines.update(canonicalise(nquads.encode()).decode().split("\n"))
            lines.discard("")
        # Python sorts texts by code points, as it has to be.
        return "".join([f"{line}\n" for line in sorted(lines)]).encode()
    except UnicodeEncodeError as error:
        raise UnfitValue("half of a surrogate pair is no text") from error


class _Reading:
    """One document on its way to RDF. What goes wrong learns on its way out where it was."""

    def __init__(self, vocabulary: Vocabulary, limits: Limits) -> None:
        self.quads: list[Quad] = []
        self._vocabulary = vocabulary
        self._limits = limits
        self._values_left = limits.values
        self._characters_left = limits.characters
        self.blank_nodes = 0

    def read(self, document: Document) -> None:
        urls = self._urls(document)
        if not urls or urls[0] != CREDENTIALS_V2:
            # VC Data Model 2.0, section 4.3.
            raise UnknownContext(f"the first context has to be {CREDENTIALS_V2}", "@context")
        self._node(document, self._vocabulary.scope(frozenset(urls)), "", self._limits.depth)

    def _urls(self, node: Document) -> list[str]:
        context = node.get("@context")
        urls = [context] if isinstance(context, str) else context
        if not isinstance(urls, list):
            raise UnknownContext("contexts have to be named by their addresses", "@context")
        for url in urls:
            if not isinstance(url, str) or url not in self._vocabulary:
                raise UnknownContext(f"{str(url)[:200]!r} is not known here", "@context")
        return urls

    def _node(self, node: Document, scope: Scope, graph: str, depth: int) -> str:
        """The object's name, after everything that it says has been added."""
        if depth <= 0:
            raise TooComplex("it is nested too deep")
        self._count(len(node) + 1)
        if "@context" in node:
            scope = self._extended(scope, node)
        subject = self._name(node)
        terms = self._types(subject, node.get("type", ()), scope, graph)
        for key, value in node.items():
            if key in _NO_TERMS:
                continue
            term = terms.get(key)
            if term is None:
                raise UnknownTerm(str(key))
            try:
                self._property(subject, term, value, graph, depth)
            except NotCanonical as error:
                error.within(key)
                raise
        return subject

    def _extended(self, scope: Scope, node: Document) -> Scope:
        """What holds in an object that brings contexts of its own, as an endorsement does."""
        urls = scope.urls.union(self._urls(node))
        if urls == scope.urls:
            return scope
        if not scope.is_whole:
            raise UnknownContext("no other context may be named here", "@context")
        return self._vocabulary.scope(urls)

    def _name(self, node: Document) -> str:
        if "id" not in node:
            return self._blank_node()
        name = node["id"]
        if not isinstance(name, str):
            raise UnfitValue("it has to be a text", "id")
        try:
            return self._iri(name)
        except NotCanonical as error:
            error.within("id")
            raise

    def _types(self, subject: str, types: Any, scope: Scope, graph: str) -> Mapping[str, Compiled]:
        """The terms that hold in an object of these types, after it has been said to be of them."""
        names = (types,) if isinstance(types, str) else tuple(types) if _is_array(types) else None
        try:
            if names is None:
                raise TypeError
            if len(names) > _MOST_TYPES:
                raise TooComplex("it has too many types", "type")
            nodes, terms = scope.of_types(names)
        except TypeError as error:
            raise UnfitValue("it has to be a text, or several", "type") from error
        except KeyError as error:
            raise UnknownTerm(str(error.args[0]), "type") from error
        except ConflictingTerms as error:
            raise UnfitValue(f"its types differ on what {error} means", "type") from error
        for node in nodes:
            self.quads.append((subject, _TYPE, node, graph))
        return terms

    def _property(self, subject: str, term: Compiled, value: Any, graph: str, depth: int) -> None:
        if value is None:
            return
        if term.container == LIST:
            head = self._list(term, value if _is_array(value) else [value], graph, depth)
            self.quads.append((subject, term.node, head, graph))
        elif _is_array(value):
            self._count(len(value))
            for index, member in enumerate(value):
                if member is not None:
                    try:
                        self._member(subject, term, member, graph, depth)
                    except NotCanonical as error:
                        error.within(index)
                        raise
        else:
            self._member(subject, term, value, graph, depth)

    def _member(self, subject: str, term: Compiled, value: Any, graph: str, depth: int) -> None:
        if term.container != GRAPH:
            self.quads.append((subject, term.node, self._object(term, value, graph, depth), graph))
            return
        if not isinstance(value, dict):
            raise UnfitValue("this has to be an object")
        name = self._blank_node()
        self._node(value, term.scope, name, depth - 1)
        self.quads.append((subject, term.node, name, graph))

    def _list(self, term: Compiled, members: list[Any], graph: str, depth: int) -> str:
        self._count(len(members))
        head = _NIL
        for member in reversed(members):
            if member is not None:
                cell = self._blank_node()
                value = self._object(term, member, graph, depth)
                self.quads += ((cell, _FIRST, value, graph), (cell, _REST, head, graph))
                head = cell
        return head

    def _object(self, term: Compiled, value: Any, graph: str, depth: int) -> str:
        if isinstance(value, str):
            if term.is_link:
                return term.words.get(value) or self._iri(value)
            return self._text(value, term.datatype)
        if isinstance(value, dict):
            return self._node(value, term.scope, graph, depth - 1)
        if isinstance(value, bool):
            return f'"{"true" if value else "false"}"^^{term.datatype or _BOOLEAN}'
        if isinstance(value, int | float):
            text, native = _number(value)
            return f'"{text}"^^{term.datatype or native}'
        if _is_array(value):
            raise UnfitValue("an array may not be in an array")
        raise UnfitValue(f"{type(value).__name__} is nothing that JSON has")

    def _iri(self, text: str) -> str:
        self._characters_left -= len(text)
        if self._characters_left < 0:
            raise TooComplex("it is too long")
        try:
            NamedNode(text)
        except (ValueError, UnicodeError) as error:
            raise UnfitValue(f"{text[:200]!r} is no absolute IRI") from error
        return f"<{text}>"

    def _text(self, text: str, datatype: str | None) -> str:
        self._characters_left -= len(text)
        if self._characters_left < 0:
            raise TooComplex("it is too long")
        if _TO_ESCAPE.search(text):
            text = text.translate(_ESCAPES)
        return f'"{text}"^^{datatype}' if datatype else f'"{text}"'

    def _blank_node(self) -> str:
        name = f"_:c14n{self.blank_nodes}"
        self.blank_nodes += 1
        return name

    def _count(self, values: int) -> None:
        self._values_left -= values
        if self._values_left < 0:
            raise TooComplex("it has too many parts")


def _is_array(value: object) -> bool:
    return isinstance(value, list | tuple)


def _number(value: float) -> tuple[str, str]:
    """
    A number's canonical text and its type (JSON-LD 1.1 API, section 8.6, data round tripping).

    JSON does not tell 10 from 10.0: both are integers.
    """
    if isinstance(value, int) or value.is_integer():
        if abs(value) > _LARGEST_INTEGER:
            raise UnfitValue("this number is too large to be read alike everywhere")
        return str(int(value)), _INTEGER
    if value != value or value in (float("inf"), float("-inf")):
        raise UnfitValue("this is not a number")
    mantissa, exponent = f"{value:.15E}".split("E")
    mantissa = mantissa.rstrip("0")
    return f"{mantissa}{'0' if mantissa.endswith('.') else ''}E{int(exponent)}", _DOUBLE


def _comparisons(quads: Collection[Quad], enough: int) -> int:
    """
    An upper bound of what RDFC-1.0 has to try (RDFC-1.0, section 4.8, Hash N-Degree Quads).

    A blank node whose own statements are like no other's is told by them. For those that are
    alike, it tries all orders of neighbours that are alike, and of theirs: as much as the product
    of the factorials, in each part that hangs together. Without a blank neighbour there is
    nothing to try.
    """
    neighbours: dict[str, list[tuple[int, str, str]]] = {}
    for subject, predicate, value, graph in quads:
        if (subject[0] == "_") + (value[0] == "_") + (graph != "") > 1:
            blank = [pair for pair in enumerate((subject, value, graph)) if pair[1][:1] == "_"]
            for place, node in blank:
                neighbours.setdefault(node, []).extend(
                    (3 * place + at, predicate, other) for at, other in blank if other != node
                )
    # Taking more nodes for alike than are costs little, and mostly answers it.
    edges: dict[str, Hashable] = {
        node: frozenset(Counter((place, predicate) for place, predicate, _ in around).items())
        for node, around in neighbours.items()
    }
    bound = _bound(neighbours, edges, enough)
    return bound if bound <= enough else _bound(neighbours, _looks(quads, neighbours), enough)


def _bound(
    neighbours: Mapping[str, list[tuple[int, str, str]]], looks: Mapping[str, Hashable], enough: int
) -> int:
    """The bound, if nodes are alike that look so. Stops when it is more than `enough`."""
    number = Counter(looks.values())
    alike = {node for node, look in looks.items() if number[look] > 1}
    total = 0
    while alike and total <= enough:
        reached, orders = [alike.pop()], 1
        for node in reached:
            groups: Counter[Hashable] = Counter()
            for place, predicate, other in neighbours[node]:
                if number[looks[other]] > 1:
                    groups[(place, predicate, looks[other])] += 1
                if other in alike:
                    alike.remove(other)
                    reached.append(other)
            for group in groups.values():
                orders *= factorial(min(group, 20))
            if orders > enough:
                return orders
        total += orders * len(reached) ** 2
    return total


def _looks(quads: Iterable[Quad], nodes: Container[str]) -> dict[str, Hashable]:
    """What is said of each node, with all other blank nodes taken for the same."""
    statements: dict[str, Counter[tuple[str, ...]]] = {}
    for subject, predicate, value, graph in quads:
        for node in {subject, value, graph}:
            if node in nodes:
                places = (
                    ("a" if other == node else "z") if other[:1] == "_" else other
                    for other in (subject, value, graph)
                )
                statements.setdefault(node, Counter())[(predicate, *places)] += 1
    return {node: frozenset(said.items()) for node, said in statements.items()}
