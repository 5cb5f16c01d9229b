"""
The terms of the credentials that this package issues and reads, as JSON-LD defines them.

Contexts are not fetched: what a term means stands here, written from the specifications, and a
test compares it, document by document, with the official contexts. Sources: W3C Verifiable
Credentials Data Model 2.0 (appendix B.1), Bitstring Status List 1.0, Data Integrity 1.0, Open
Badges 3.0 with its context 3.0.3. Its oddities are kept, since a signature depends on them: the
datatype of `awardedDate` is the relative-looking `xsd:dateTime`, and those of others begin with
https, not http, so that they are none of XML Schema's.
"""

from __future__ import annotations

from microcred_plugin.credentials.vocabulary import (
    GRAPH,
    ID,
    LIST,
    SET,
    VOCAB,
    Context,
    Term,
    Type,
    Vocabulary,
)

CREDENTIALS_V2 = "https://www.w3.org/ns/credentials/v2"
OPEN_BADGES_V3 = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
OPEN_BADGES_EXTENSIONS = "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"
DATA_INTEGRITY_V2 = "https://w3id.org/security/data-integrity/v2"
STATUS_V1 = "https://www.w3.org/ns/credentials/status/v1"

_CRED = "https://www.w3.org/2018/credentials#"
_OB = "https://purl.imsglobal.org/spec/vc/ob/vocab.html#"
_SCHEMA = "https://schema.org/"
_SEC = "https://w3id.org/security#"
_STATUS = "https://www.w3.org/ns/credentials/status#"
_XSD = "http://www.w3.org/2001/XMLSchema#"
_XSD_OF_OB = "https://www.w3.org/2001/XMLSchema#"


def _plain(iri: str) -> Term:
    return Term(iri)


def _all(iri: str) -> Term:
    """One or more; an array or not, it means the same."""
    return Term(iri, container=SET)


def _link(iri: str) -> Term:
    return Term(iri, ID)


def _uri(iri: str) -> Term:
    return Term(iri, _XSD_OF_OB + "anyURI")


def _date(iri: str) -> Term:
    return Term(iri, _XSD_OF_OB + "date")


def _instant(iri: str) -> Term:
    return Term(iri, _XSD + "dateTime")


_PROOF = Term(_SEC + "proof", ID, GRAPH)

_DATA_INTEGRITY_PROOF = Type(
    _SEC + "DataIntegrityProof",
    {
        "challenge": _plain(_SEC + "challenge"),
        "created": _instant("http://purl.org/dc/terms/created"),
        "cryptosuite": Term(_SEC + "cryptosuite", _SEC + "cryptosuiteString"),
        "domain": _plain(_SEC + "domain"),
        "expires": _instant(_SEC + "expiration"),
        "nonce": _plain(_SEC + "nonce"),
        "previousProof": _link(_SEC + "previousProof"),
        "proofPurpose": Term(
            _SEC + "proofPurpose",
            VOCAB,
            terms={
                "assertionMethod": Term(_SEC + "assertionMethod", ID, SET),
                "authentication": Term(_SEC + "authenticationMethod", ID, SET),
                "capabilityDelegation": Term(_SEC + "capabilityDelegationMethod", ID, SET),
                "capabilityInvocation": Term(_SEC + "capabilityInvocationMethod", ID, SET),
                "keyAgreement": Term(_SEC + "keyAgreementMethod", ID, SET),
            },
        ),
        "proofValue": Term(_SEC + "proofValue", _SEC + "multibase"),
        "verificationMethod": _link(_SEC + "verificationMethod"),
    },
)

_STATUS_TYPES = {
    "BitstringStatusListCredential": Type(_STATUS + "BitstringStatusListCredential"),
    "BitstringStatusList": Type(
        _STATUS + "BitstringStatusList",
        {
            "encodedList": Term(_STATUS + "encodedList", _SEC + "multibase"),
            "statusPurpose": _plain(_STATUS + "statusPurpose"),
            "ttl": _plain(_STATUS + "ttl"),
        },
    ),
    "BitstringStatusListEntry": Type(
        _STATUS + "BitstringStatusListEntry",
        {
            "statusListCredential": _link(_STATUS + "statusListCredential"),
            "statusListIndex": _plain(_STATUS + "statusListIndex"),
            "statusPurpose": _plain(_STATUS + "statusPurpose"),
            "statusMessage": Term(
                _STATUS + "statusMessage",
                terms={
                    "message": _plain(_STATUS + "message"),
                    "status": _plain(_STATUS + "status"),
                },
            ),
            "statusReference": _link(_STATUS + "statusReference"),
            "statusSize": Term(_STATUS + "statusSize", _XSD_OF_OB + "integer"),
        },
    ),
}

_CREDENTIALS = Context(
    CREDENTIALS_V2,
    types={
        "VerifiableCredential": Type(
            _CRED + "VerifiableCredential",
            {
                "confidenceMethod": _link(_CRED + "confidenceMethod"),
                "credentialSchema": _link(_CRED + "credentialSchema"),
                "credentialStatus": _link(_CRED + "credentialStatus"),
                "credentialSubject": _link(_CRED + "credentialSubject"),
                "evidence": _link(_CRED + "evidence"),
                "issuer": _link(_CRED + "issuer"),
                "proof": _PROOF,
                "refreshService": _link(_CRED + "refreshService"),
                "relatedResource": _link(_CRED + "relatedResource"),
                "renderMethod": _link(_CRED + "renderMethod"),
                "termsOfUse": _link(_CRED + "termsOfUse"),
                "validFrom": _instant(_CRED + "validFrom"),
                "validUntil": _instant(_CRED + "validUntil"),
            },
        ),
        "JsonSchemaCredential": Type(_CRED + "JsonSchemaCredential"),
        "DataIntegrityProof": _DATA_INTEGRITY_PROOF,
        **_STATUS_TYPES,
    },
    terms={
        "description": _plain(_SCHEMA + "description"),
        "digestMultibase": Term(_SEC + "digestMultibase", _SEC + "multibase"),
        "digestSRI": Term(_CRED + "digestSRI", _CRED + "sriString"),
        "mediaType": _plain(_SCHEMA + "encodingFormat"),
        "name": _plain(_SCHEMA + "name"),
    },
)

_OPEN_BADGES = Context(
    OPEN_BADGES_V3,
    types={
        "OpenBadgeCredential": Type(_OB + "OpenBadgeCredential"),
        # Another name for the same type.
        "AchievementCredential": Type(_OB + "OpenBadgeCredential"),
        "EndorsementCredential": Type(_OB + "EndorsementCredential"),
        "Achievement": Type(
            _OB + "Achievement",
            {
                "achievementType": _plain(_OB + "achievementType"),
                "creator": _plain(_OB + "creator"),
                "creditsAvailable": Term(_OB + "creditsAvailable", _XSD_OF_OB + "float"),
                "criteria": _link(_OB + "Criteria"),
                "fieldOfStudy": _plain(_OB + "fieldOfStudy"),
                "humanCode": _plain(_OB + "humanCode"),
                "otherIdentifier": _all(_OB + "otherIdentifier"),
                "related": _all(_OB + "related"),
                "resultDescription": _all(_OB + "resultDescription"),
                "specialization": _plain(_OB + "specialization"),
                "tag": _all(_SCHEMA + "keywords"),
                "version": _plain(_OB + "version"),
            },
        ),
        "AchievementSubject": Type(
            _OB + "AchievementSubject",
            {
                "achievement": _plain(_OB + "achievement"),
                "activityEndDate": _date(_OB + "activityEndDate"),
                "activityStartDate": _date(_OB + "activityStartDate"),
                "creditsEarned": Term(_OB + "creditsEarned", _XSD_OF_OB + "float"),
                "identifier": _all(_OB + "identifier"),
                "licenseNumber": _plain(_OB + "licenseNumber"),
                "result": _all(_OB + "result"),
                "role": _plain(_OB + "role"),
                "source": _link(_OB + "source"),
                "term": _plain(_OB + "term"),
            },
        ),
        "Address": Type(
            _OB + "Address",
            {
                "addressCountry": _plain(_SCHEMA + "addressCountry"),
                "addressCountryCode": _plain(_OB + "CountryCode"),
                "addressLocality": _plain(_SCHEMA + "addressLocality"),
                "addressRegion": _plain(_SCHEMA + "addressRegion"),
                "geo": _plain(_OB + "GeoCoordinates"),
                "postOfficeBoxNumber": _plain(_SCHEMA + "postOfficeBoxNumber"),
                "postalCode": _plain(_SCHEMA + "postalCode"),
                "streetAddress": _plain(_SCHEMA + "streetAddress"),
            },
        ),
        "Alignment": Type(
            _SCHEMA + "AlignmentObject",
            {
                "targetCode": _plain(_OB + "targetCode"),
                "targetDescription": _plain(_SCHEMA + "targetDescription"),
                "targetFramework": _plain(_SCHEMA + "targetFramework"),
                "targetName": _plain(_SCHEMA + "targetName"),
                "targetType": _plain(_OB + "targetType"),
                "targetUrl": _uri(_SCHEMA + "targetUrl"),
            },
        ),
        "Criteria": Type(_OB + "Criteria"),
        "EndorsementSubject": Type(
            _OB + "EndorsementSubject",
            {"endorsementComment": _plain(_OB + "endorsementComment")},
        ),
        "Evidence": Type(
            _OB + "Evidence",
            {"audience": _plain(_SCHEMA + "audience"), "genre": _plain(_SCHEMA + "genre")},
        ),
        "GeoCoordinates": Type(
            _OB + "GeoCoordinates",
            {
                "latitude": _plain(_SCHEMA + "latitude"),
                "longitude": _plain(_SCHEMA + "longitude"),
            },
        ),
        "IdentifierEntry": Type(
            _OB + "IdentifierEntry",
            {
                "identifier": _plain(_OB + "identifier"),
                "identifierType": _plain(_OB + "identifierType"),
            },
        ),
        "IdentityObject": Type(
            _OB + "IdentityObject",
            {
                "hashed": Term(_OB + "hashed", _XSD_OF_OB + "boolean"),
                "identityHash": _plain(_OB + "identityHash"),
                "identityType": _plain(_OB + "identityType"),
                "salt": _plain(_OB + "salt"),
            },
        ),
        "Image": Type(_OB + "Image", {"caption": _plain(_SCHEMA + "caption")}),
        "Profile": Type(
            _OB + "Profile",
            {
                "additionalName": _plain(_SCHEMA + "additionalName"),
                "address": _link(_OB + "address"),
                "dateOfBirth": _date(_OB + "dateOfBirth"),
                "email": _plain(_SCHEMA + "email"),
                "familyName": _plain(_SCHEMA + "familyName"),
                "familyNamePrefix": _plain(_OB + "familyNamePrefix"),
                "givenName": _plain(_SCHEMA + "givenName"),
                "honorificPrefix": _plain(_SCHEMA + "honorificPrefix"),
                "honorificSuffix": _plain(_SCHEMA + "honorificSuffix"),
                "official": _plain(_OB + "official"),
                "otherIdentifier": _all(_OB + "otherIdentifier"),
                "parentOrg": _link(_OB + "parentOrg"),
                "patronymicName": _plain(_OB + "patronymicName"),
                "phone": _plain(_OB + "phone"),
            },
        ),
        "Related": Type(_OB + "Related", {"version": _plain(_OB + "version")}),
        "Result": Type(
            _OB + "Result",
            {
                "achievedLevel": _uri(_OB + "achievedLevel"),
                "resultDescription": _uri(_OB + "resultDescription"),
                "status": _plain(_OB + "status"),
                "value": _plain(_SCHEMA + "value"),
            },
        ),
        "ResultDescription": Type(
            _OB + "ResultDescription",
            {
                "allowedValue": Term(_OB + "allowedValue", container=LIST),
                "requiredLevel": _uri(_OB + "requiredLevel"),
                "requiredValue": _plain(_OB + "requiredValue"),
                "resultType": _plain(_OB + "resultType"),
                "rubricCriterionLevel": _all(_OB + "rubricCriterionLevel"),
                "valueMax": _plain(_OB + "valueMax"),
                "valueMin": _plain(_OB + "valueMin"),
            },
        ),
        "RubricCriterionLevel": Type(
            _OB + "RubricCriterionLevel",
            {"level": _plain(_OB + "level"), "points": _plain(_OB + "points")},
        ),
    },
    terms={
        "alignment": _all(_OB + "alignment"),
        "awardedDate": Term(_OB + "awardedDate", "xsd:dateTime"),
        "description": _plain(_SCHEMA + "description"),
        "endorsement": _all(_OB + "endorsement"),
        "image": _link(_OB + "image"),
        "inLanguage": _plain(_SCHEMA + "inLanguage"),
        "name": _plain(_SCHEMA + "name"),
        "narrative": _plain(_OB + "narrative"),
        "url": _uri(_SCHEMA + "url"),
    },
)

_EXTENSIONS = Context(
    OPEN_BADGES_EXTENSIONS,
    types={
        name: Type(f"https://purl.imsglobal.org/spec/{part}/v1p0/context.json#{name}")
        for name, part in (
            ("1EdTechJsonSchemaValidator2019", "vccs"),
            ("1EdTechRevocationList", "vcrl"),
            ("1EdTechCredentialRefresh", "vccr"),
        )
    },
)

# A document may also name the contexts that version 2 of the credentials' own already includes.
_DATA_INTEGRITY = Context(
    DATA_INTEGRITY_V2,
    types={"DataIntegrityProof": _DATA_INTEGRITY_PROOF},
    terms={"proof": _PROOF},
)
_STATUS_LISTS = Context(STATUS_V1, types=_STATUS_TYPES)

VOCABULARY = Vocabulary(_CREDENTIALS, _OPEN_BADGES, _EXTENSIONS, _DATA_INTEGRITY, _STATUS_LISTS)
