"""The canonical form is the one that the official contexts give, or the document is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from pyld.jsonld import JsonLdError

from microcred_plugin.credentials.canonical import LIMITS, canonical, canonical_isolated
from microcred_plugin.credentials.errors import (
    NotCanonical,
    TooComplex,
    UnfitValue,
    UnknownContext,
    UnknownTerm,
)
from microcred_plugin.credentials.terms import VOCABULARY
from microcred_plugin.credentials.vocabulary import (
    GRAPH,
    ConflictingTerms,
    Context,
    Scope,
    Term,
    Type,
)
from tests.credentials import (
    DATA_INTEGRITY,
    EXTENSIONS,
    OB,
    STATUS,
    V2,
    by_other_software,
    documents,
    needs_standards,
    official,
    official_context,
    vector,
)

EXAMPLES = Context(
    "https://www.w3.org/ns/credentials/examples/v2",
    types={"AlumniCredential": Type("https://www.w3.org/ns/credentials/examples#AlumniCredential")},
    terms={"alumniOf": Term("https://www.w3.org/ns/credentials/examples#alumniOf")},
)


def with_contexts(*urls: str) -> dict[str, Any]:
    return {**documents.minimal(), "@context": [V2, *urls]}


def with_value(key: str, value: Any) -> dict[str, Any]:
    document = documents.minimal()
    document["credentialSubject"]["achievement"][key] = value
    return document


# --- published vectors ------------------------------------------------------------------------


@needs_standards
def test_w3c_vector_comes_out_byte_for_byte() -> None:
    vocabulary = VOCABULARY.with_contexts(EXAMPLES)
    folder = "w3c-vc-di-eddsa/eddsa-rdfc-2022"
    document = vector("w3c-vc-di-eddsa/unsigned.json")
    options = vector(f"{folder}/proofConfigDataInt.json")
    assert canonical(document, vocabulary=vocabulary) == vector(f"{folder}/canonDocDataInt.txt")
    assert canonical(options, vocabulary=vocabulary) == vector(f"{folder}/proofCanonDataInt.txt")


@needs_standards
def test_vector_of_the_implementation_guide_comes_out_byte_for_byte() -> None:
    document = vector("1edtech-impl/ob3-impl-guide-signed.json")
    proof = document.pop("proof")
    del proof["proofValue"]
    assert canonical(document) == vector("1edtech-impl/obv3p0-document-canon.txt")
    options = {**proof, "@context": document["@context"]}
    assert canonical(options) == vector("1edtech-impl/obv3p0-proof-canon.txt")


# --- the official contexts --------------------------------------------------------------------


@needs_standards
@pytest.mark.parametrize(
    "document",
    [
        pytest.param(documents.minimal(), id="minimal"),
        pytest.param(documents.full(), id="full"),
        pytest.param(documents.status_list(), id="status list"),
        pytest.param(documents.endorsement(), id="endorsement"),
        pytest.param({**documents.proof("1"), "@context": [V2]}, id="proof"),
        pytest.param(with_contexts(OB, EXTENSIONS, DATA_INTEGRITY, STATUS), id="all contexts"),
        pytest.param(
            {**documents.endorsement(), "@context": [V2, DATA_INTEGRITY, OB]},
            id="data integrity twice",
        ),
        pytest.param(
            {**documents.full(), "type": ["AchievementCredential", "VerifiableCredential"]},
            id="another name for the type",
        ),
        pytest.param(
            {
                **documents.minimal(),
                "credentialStatus": {
                    **documents.status_entry(),
                    "statusSize": 2,
                    "statusMessage": [
                        {"status": "0x0", "message": "valid"},
                        {"status": "0x1", "message": "revoked"},
                    ],
                    "statusReference": "https://lms.example.edu/s",
                },
            },
            id="status with messages",
        ),
        pytest.param(
            {
                **documents.minimal(),
                "endorsement": [{**documents.endorsement(), "@context": [V2, OB, EXTENSIONS]}],
            },
            id="more contexts inside",
        ),
    ],
)
def test_document_has_the_canonical_form_of_the_official_contexts(
    document: dict[str, Any],
) -> None:
    ours = canonical(document)
    assert ours == official(document)
    assert ours == by_other_software(document)


@needs_standards
@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("creditsAvailable", 7.5),
        ("creditsAvailable", 1e-7),
        ("creditsAvailable", 0.1 + 0.2),
        ("creditsAvailable", -12.125),
        ("creditsAvailable", 10),
        ("creditsAvailable", 0),
        ("creditsAvailable", 2**53 - 1),
        ("creditsAvailable", "7.50"),
        ("creditsAvailable", True),
        ("version", 2),
        ("version", 2.5),
        ("version", False),
        ("name", ["a", None, "a", "b"]),
        ("name", []),
        ("name", None),
        ("criteria", {}),
        ("criteria", "https://lms.example.edu/c"),
        ("criteria", 12),
        ("criteria", {"narrative": None}),
        ("creator", {"id": "urn:a", "type": []}),
        ("resultDescription", {"type": "ResultDescription", "allowedValue": []}),
        ("resultDescription", {"type": "ResultDescription", "allowedValue": [None]}),
        ("resultDescription", {"type": "ResultDescription", "allowedValue": None}),
        ("resultDescription", {"type": "ResultDescription", "allowedValue": "a"}),
        ("resultDescription", {"type": "ResultDescription", "allowedValue": ["b", None, 1, {}]}),
        ("tag", "one"),
        ("image", "data:image/png;base64,iVBORw0KGgo="),
        ("image", {"type": "Image", "id": "https://例え.example/%41?q=a'b"}),
    ],
)
def test_value_has_the_canonical_form_of_the_official_contexts(key: str, value: Any) -> None:
    document = with_value(key, value)
    assert canonical(document) == official(document) == by_other_software(document)


@needs_standards
def test_number_with_a_point_and_no_fraction_is_the_integer_that_other_software_reads() -> None:
    # PyLD tells 10.0 from 10; JSON, and the specification, don't.
    assert canonical(with_value("creditsAvailable", 10.0)) == official(
        with_value("creditsAvailable", 10)
    )


# In the official contexts, and left out of the table: claims of JWTs, presentations, and JSON
# literals, none of which is in a credential that this package signs or verifies by its proof.
LEFT_OUT = {
    "...", "_sd", "_sd_alg", "aud", "cnf", "exp", "iat", "iss", "jku", "kid", "nbf", "sub", "x5u",
    "EnvelopedVerifiableCredential", "EnvelopedVerifiablePresentation", "JsonSchema",
    "VerifiablePresentation",
}  # fmt: skip


@needs_standards
@pytest.mark.parametrize("url", [V2, OB, EXTENSIONS, DATA_INTEGRITY, STATUS])
def test_every_term_of_a_context_is_in_the_table_and_means_the_same(url: str) -> None:
    official_terms = flattened(official_context(url)["@context"])
    scope = VOCABULARY.scope(frozenset({url}))
    ours: dict[str, tuple[str | None, ...]] = {
        name: (term.term.iri, term.term.type, term.container)
        for name, term in scope.terms().items()
    }
    for name, type_ in scope.types.items():
        ours[name] = (type_.iri, None, None)
        for key, term in type_.terms.items():
            ours[f"{name}.{key}"] = (term.iri, term.type, term.container)
            for word, below in term.terms.items():
                ours[f"{name}.{key}.{word}"] = (below.iri, below.type, below.container)
    # What a type's context repeats of the terms that hold everywhere need not be repeated.
    for name, definition in official_terms.items():
        _, _, rest = name.partition(".")
        if rest and official_terms.get(rest) == definition and rest in ours:
            ours.setdefault(name, definition)
    assert ours == {
        name: definition
        for name, definition in official_terms.items()
        if not {name, name.split(".")[0]} & LEFT_OUT
    }


def flattened(context: dict[str, Any], before: str = "") -> dict[str, tuple[str | None, ...]]:
    found: dict[str, tuple[str | None, ...]] = {}
    for name, definition in context.items():
        if name.startswith("@") or definition in ("@id", "@type"):
            continue
        if isinstance(definition, str):
            definition = {"@id": definition}
        iri = definition["@id"]
        if iri in context:  # another name
            iri = context[iri]["@id"]
        found[before + name] = (iri, definition.get("@type"), definition.get("@container"))
        found |= flattened(definition.get("@context") or {}, f"{before}{name}.")
    return found


# --- any document -----------------------------------------------------------------------------

AWKWARD = ['"', "\\", "\n", "\r", "\t", "\b", "\f", "\v", "\0", "\x7f", "\x85", "\u2028", "\ufeff",
           "\u202e", "עברית", "🎓", "\ufffe", "\uffff", "\U000e0001", "\U0010ffff", "^^", "@en",
           " .", "<x>", "_:b1", "\\u0041", "x" * 10_000]  # fmt: skip
texts = st.one_of(
    st.text(max_size=20),
    st.lists(
        st.sampled_from([*AWKWARD, *map(chr, range(0x20)), *map(chr, range(0x7F, 0xA0))]),
        max_size=6,
    ).map("".join),
)
numbers = st.one_of(
    st.integers(-(2**53) + 1, 2**53 - 1),
    st.floats(allow_nan=False, allow_infinity=False).filter(lambda number: number % 1 != 0),
)
iris = st.sampled_from(["urn:a", "urn:b", "https://a.example/é?q#f", "did:web:a:b", "x:"])


@st.composite
def objects(draw: st.DrawFn, scope: Scope, depth: int, types: tuple[str, ...] = ()) -> Any:
    """An object of some of the types that the table has, with some of the keys that they have."""
    names = types or tuple(draw(st.lists(st.sampled_from(sorted(scope.types)), max_size=2)))
    try:
        terms = scope.terms(*names)
    except ConflictingTerms:
        assume(False)
    value: dict[str, Any] = {}
    if names:
        value["type"] = names[0] if len(names) == 1 and draw(st.booleans()) else list(names)
    if draw(st.booleans()):
        value["id"] = draw(iris)
    for key in draw(st.lists(st.sampled_from(sorted(terms)), max_size=4, unique=True)):
        term = terms[key]
        children = objects(term.scope, depth - 1) if depth else st.just({})
        if term.container == GRAPH:
            one = children
        else:
            if term.is_link:
                strings: Any = st.one_of(iris, st.sampled_from([*term.words, "urn:a"]))
            else:
                strings = texts
            one = st.one_of(strings, strings, numbers, st.booleans(), children)
        value[key] = draw(st.one_of(st.none(), one, st.lists(st.none() | one, max_size=3)))
    return value


URLS = (V2, OB, EXTENSIONS, DATA_INTEGRITY)


@needs_standards
@pytest.mark.slow
@settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=300)
@given(objects(VOCABULARY.scope(frozenset(URLS)), 3, ("VerifiableCredential",)))
def test_any_document_has_the_canonical_form_of_the_official_contexts(
    document: dict[str, Any],
) -> None:
    document["@context"] = list(URLS)
    try:
        ours = canonical(document)
    except TooComplex:
        assume(False)
    assert ours == official(document)


@needs_standards
@settings(deadline=None)
@given(texts)
def test_any_text_has_the_canonical_form_of_the_official_contexts(text: str) -> None:
    document = with_value("name", text)
    assert canonical(document) == official(document)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ('"', '\\"'), ("\\", "\\\\"), ("\b", "\\b"), ("\t", "\\t"), ("\n", "\\n"), ("\f", "\\f"),
        ("\r", "\\r"), ("\0", "\\u0000"), ("\x0b", "\\u000B"), ("\x1f", "\\u001F"),
        ("\x7f", "\\u007F"), ("\x80", "\x80"), ("\x85", "\x85"), ("\u2028", "\u2028"),
        ("\ufffe", "\\uFFFE"), ("é🎓", "é🎓"), ("/'", "/'"),
    ],
)  # fmt: skip
def test_character_is_written_as_canonical_n_quads_have_it(text: str, written: str) -> None:
    # RDF Dataset Canonicalization, section 5; XML 1.1's Char has no U+FFFE.
    line = f'<https://schema.org/name> "{written}" .\n'.encode()
    assert line in canonical(with_value("name", text))


def test_lines_are_in_the_order_of_code_points() -> None:
    tags = ["\uff5e", "\U00010000", "z"]
    lines = canonical(with_value("tag", tags)).decode().split("\n")
    assert [line.split('"')[1] for line in lines if "keywords" in line] == [
        "z",
        "\uff5e",
        "\U00010000",
    ]


# --- what is refused --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "error", "path"),
    [
        (lambda d: d.update(colour="red"), UnknownTerm, ""),
        (lambda d: d.update({"@id": "urn:a"}), UnknownTerm, ""),
        (lambda d: d["issuer"].update(achievementType="Badge"), UnknownTerm, "issuer"),
        (lambda d: d["issuer"].update(name={"@value": "N"}), UnknownTerm, "issuer.name"),
        (lambda d: d["issuer"].update(type=["Organisation"]), UnknownTerm, "issuer.type"),
        (lambda d: d["issuer"].update(type=[{}]), UnfitValue, "issuer.type"),
        (lambda d: d["issuer"].update(type=None), UnfitValue, "issuer.type"),
        (lambda d: d["issuer"].update(type={"Profile": 1}), UnfitValue, "issuer.type"),
        (lambda d: d["issuer"].update(id="issuers/1"), UnfitValue, "issuer.id"),
        (lambda d: d["issuer"].update(id="_:b1"), UnfitValue, "issuer.id"),
        (lambda d: d["issuer"].update(id=None), UnfitValue, "issuer.id"),
        (lambda d: d["issuer"].update(id="urn:a> <urn:b"), UnfitValue, "issuer.id"),
        (lambda d: d["issuer"].update(id="urn:a\n"), UnfitValue, "issuer.id"),
        (lambda d: d["issuer"].update(image="logo.png"), UnfitValue, "issuer.image"),
        (lambda d: d["issuer"].update(name=["N", ["M"]]), UnfitValue, "issuer.name[1]"),
        (lambda d: d["issuer"].update(name=float("nan")), UnfitValue, "issuer.name"),
        (lambda d: d["issuer"].update(name=float("inf")), UnfitValue, "issuer.name"),
        (lambda d: d["issuer"].update(name=2**53), UnfitValue, "issuer.name"),
        (lambda d: d["issuer"].update(name=1e300), UnfitValue, "issuer.name"),
        (lambda d: d["issuer"].update(name=object()), UnfitValue, "issuer.name"),
        (lambda d: d["issuer"].update(name="\ud800"), UnfitValue, ""),
        (lambda d: d["issuer"].update({"@context": ["urn:a"]}), UnknownContext, "issuer.@context"),
        (lambda d: d["issuer"].update({"@context": None}), UnknownContext, "issuer.@context"),
        (
            lambda d: d["issuer"].update(type=["IdentifierEntry", "AchievementSubject"]),
            UnfitValue,
            "issuer.type",
        ),
        (lambda d: d.update(proof="urn:a"), UnfitValue, "proof"),
        (lambda d: d.update({"@context": [OB, V2]}), UnknownContext, "@context"),
        (lambda d: d.update({"@context": [V2, {"a": "urn:a"}]}), UnknownContext, "@context"),
        (lambda d: d.pop("@context"), UnknownContext, "@context"),
        (
            lambda d: d["@context"].append(OB.replace("3.0.3", "3.0.2")),
            UnknownContext,
            "@context",
        ),
    ],
)
def test_what_has_no_agreed_form_is_refused_by_where_it_is(
    change: Callable[[dict[str, Any]], None], error: type[NotCanonical], path: str
) -> None:
    document = documents.minimal()
    change(document)
    with pytest.raises(error) as caught:
        canonical(document)
    assert caught.value.path == path


@needs_standards
@pytest.mark.parametrize("version", ["-3.0.1", "-3.0.2", ""])
def test_other_versions_of_the_context_mean_something_else_and_are_refused(version: str) -> None:
    document = with_value("image", "https://lms.example.edu/b.png")
    other = {**document, "@context": [V2, OB.replace("-3.0.3", version)]}
    try:
        meaning = official(other)
    except JsonLdError:  # it contradicts version 2 of the credentials' own
        meaning = None
    assert meaning != official(document)
    with pytest.raises(UnknownContext):
        canonical(other)


# --- bombs ------------------------------------------------------------------------------------


def alike(parents: int, children: int) -> dict[str, Any]:
    """Parents that are alike, each with children that are alike: all orders would be tried."""
    child = {"type": "IdentifierEntry", "identifier": "1"}
    parent = {"type": ["Profile"], "otherIdentifier": [child] * children}
    return {**documents.minimal(), "evidence": [{"type": ["Evidence"], "image": parent}] * parents}


def nested(depth: int) -> dict[str, Any]:
    value: dict[str, Any] = {"type": ["Profile"]}
    for _ in range(depth):
        value = {"type": ["Profile"], "parentOrg": value}
    return {**documents.minimal(), "issuer": value}


def clique(size: int) -> dict[str, Any]:
    names = [f"_:b{number}" for number in range(size)]
    return {
        **documents.minimal(),
        "evidence": [
            {"id": name, "image": [other for other in names if other != name]} for name in names
        ],
    }


@pytest.mark.parametrize("canonicalise", [canonical, canonical_isolated])
@pytest.mark.parametrize(
    ("document", "error"),
    [
        pytest.param(alike(2, 12), TooComplex, id="12 alike"),
        pytest.param(alike(3, 6), TooComplex, id="6 alike, thrice"),
        pytest.param(nested(40), TooComplex, id="deep"),
        pytest.param(clique(9), UnfitValue, id="clique"),
        pytest.param(with_value("tag", ["a"] * 30_000), TooComplex, id="many values"),
        pytest.param(with_value("name", "x" * 5_000_000), TooComplex, id="long"),
    ],
)
def test_bomb_is_refused(
    document: dict[str, Any], error: type[NotCanonical], canonicalise: Callable[[Any], bytes]
) -> None:
    with pytest.raises(error):
        canonicalise(document)


@needs_standards
@pytest.mark.parametrize(
    "document",
    [
        pytest.param(alike(1, 12), id="12 alike"),
        pytest.param(alike(2, 4), id="4 alike, twice"),
        pytest.param(nested(20), id="deep"),
        pytest.param({**documents.minimal(), "evidence": [{}] * 200}, id="200 alike"),
    ],
)
def test_document_with_parts_that_are_alike_is_canonicalised(document: dict[str, Any]) -> None:
    assert canonical(document) == official(document)


def test_document_is_canonicalised_alike_in_a_process_of_its_own() -> None:
    document = documents.full()
    assert canonical_isolated(document) == canonical(document)


def test_process_that_takes_too_long_is_given_up() -> None:
    # As if the bound in the first process had missed it.
    limits = replace(LIMITS, comparisons=10**30)
    with pytest.raises(TooComplex):
        canonical_isolated(alike(2, 12), seconds=1, limits=limits)
