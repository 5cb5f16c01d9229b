"""Credentials of every kind, as full as the specification lets them be."""

from __future__ import annotations

from typing import Any

from tests.credentials import EXTENSIONS, OB, V2

ISSUER = "did:web:lms.example.edu:microcredentials:issuers:nordu"


def minimal() -> dict[str, Any]:
    return {
        "@context": [V2, OB],
        "id": "urn:uuid:0b9f4f52-6e77-4e2f-a9f0-1d2f1b3c4d5e",
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "issuer": {"id": ISSUER, "type": ["Profile"], "name": "NordU"},
        "validFrom": "2026-07-01T12:00:00Z",
        "credentialSubject": {
            "id": "urn:uuid:6c5d1d0e-3d53-4f38-9a3e-9be7c1d4e111",
            "type": ["AchievementSubject"],
            "achievement": {
                "id": "https://lms.example.edu/microcredentials/data-literacy",
                "type": ["Achievement"],
                "criteria": {"narrative": "Three courses passed."},
                "description": "Reads data.",
                "name": "Data Literacy",
            },
        },
    }


def full() -> dict[str, Any]:
    return {
        "@context": [V2, OB, EXTENSIONS],
        "id": "https://lms.example.edu/microcredentials/awards/0b9f4f52",
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "issuer": profile(),
        "name": "Data Literacy",
        "description": 'Said "once",\n\tand\\again',
        "image": {"id": "https://lms.example.edu/a.png", "type": "Image", "caption": "A badge"},
        "validFrom": "2026-07-01T12:00:00Z",
        "validUntil": "2028-07-01T12:00:00+02:00",
        "awardedDate": "2026-07-01T12:00:00Z",
        "credentialSubject": {
            "id": "urn:uuid:6c5d1d0e-3d53-4f38-9a3e-9be7c1d4e111",
            "type": ["AchievementSubject"],
            "identifier": [
                {
                    "type": "IdentityObject",
                    "hashed": True,
                    "identityHash": "sha256$b5809d8a",
                    "identityType": "emailAddress",
                    "salt": "Kosher",
                }
            ],
            "activityStartDate": "2026-01-01",
            "activityEndDate": "2026-06-30",
            "creditsEarned": 7.5,
            "licenseNumber": "12",
            "narrative": "Summer term",
            "role": "student",
            "term": "2026",
            "source": {"id": "https://nordu.example", "type": ["Profile"], "name": "Assessor"},
            "image": "https://lms.example.edu/mine.png",
            "result": [
                {
                    "type": ["Result"],
                    "resultDescription": "urn:uuid:1",
                    "value": "87",
                    "alignment": [alignment("87 %")],
                },
                {
                    "type": ["Result"],
                    "resultDescription": "urn:uuid:2",
                    "achievedLevel": "urn:uuid:3",
                    "status": "Completed",
                },
            ],
            "achievement": achievement(),
        },
        "evidence": [
            {
                "id": "https://lms.example.edu/e",
                "type": ["Evidence"],
                "name": "Statistics",
                "description": "a course",
                "narrative": "Passed with 87 %.",
                "genre": "course",
                "audience": "all",
            },
            # Alike, and still two.
            {"type": ["Evidence"], "narrative": "Passed."},
            {"type": ["Evidence"], "narrative": "Passed."},
        ],
        "endorsement": [endorsement()],
        "credentialStatus": status_entry(),
        "credentialSchema": [
            {
                "id": "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/"
                "ob_v3p0_achievementcredential_schema.json",
                "type": "1EdTechJsonSchemaValidator2019",
            }
        ],
        "refreshService": {"id": "https://lms.example.edu/r", "type": "1EdTechCredentialRefresh"},
        "termsOfUse": [{"id": "https://lms.example.edu/terms"}],
    }


def achievement() -> dict[str, Any]:
    return {
        "id": "https://lms.example.edu/microcredentials/data-literacy",
        "type": ["Achievement"],
        "achievementType": "MicroCredential",
        "alignment": [alignment("analyse data"), alignment("EQF 6")],
        "creator": {"id": ISSUER, "type": ["Profile"]},
        "creditsAvailable": 10,
        "criteria": {"id": "https://lms.example.edu/c", "type": "Criteria", "narrative": "Pass."},
        "description": "Reads data. 日本語 ✓ 🎓",
        "fieldOfStudy": "Statistics",
        "humanCode": "DL101",
        "image": {"id": "https://lms.example.edu/b.png", "type": "Image"},
        "inLanguage": "en",
        "name": "Data Literacy",
        "otherIdentifier": [identifier("DL101")],
        "related": [
            {
                "id": "https://lms.example.edu/de",
                "type": ["Related"],
                "inLanguage": "de",
                "version": "1",
            }
        ],
        "resultDescription": [
            {
                "id": "urn:uuid:1",
                "type": ["ResultDescription"],
                "name": "Grade",
                "resultType": "Percent",
                "valueMin": "0",
                "valueMax": "100",
                "requiredValue": "60",
            },
            {
                "id": "urn:uuid:2",
                "type": ["ResultDescription"],
                "name": "Level",
                "resultType": "RubricCriterionLevel",
                "allowedValue": ["low", "high", "low"],
                "requiredLevel": "urn:uuid:3",
                "rubricCriterionLevel": [
                    {
                        "id": "urn:uuid:3",
                        "type": ["RubricCriterionLevel"],
                        "name": "Good",
                        "level": "2",
                        "points": "5",
                        "description": "all of it",
                        "alignment": [],
                    }
                ],
            },
        ],
        "specialization": "Education",
        "tag": ["data", "statistics", "data"],
        "version": "2",
    }


def alignment(name: str) -> dict[str, Any]:
    return {
        "type": ["Alignment"],
        "targetCode": "6",
        "targetDescription": "a skill",
        "targetFramework": "ESCO",
        "targetName": name,
        "targetType": "ceasn:Competency",
        "targetUrl": "http://data.europa.eu/esco/skill/1",
    }


def identifier(value: str) -> dict[str, Any]:
    return {"type": "IdentifierEntry", "identifier": value, "identifierType": "identifier"}


def profile() -> dict[str, Any]:
    return {
        "id": ISSUER,
        "type": ["Profile"],
        "name": "NordU",
        "url": "https://nordu.example",
        "email": "badges@nordu.example",
        "phone": "+47 1",
        "description": "A university",
        "official": "O",
        "image": {"id": "https://nordu.example/logo.png", "type": "Image"},
        "address": {
            "type": ["Address"],
            "addressCountry": "Norway",
            "addressCountryCode": "NO",
            "addressLocality": "Bodø",
            "addressRegion": "Nordland",
            "geo": {"type": "GeoCoordinates", "latitude": 67.28, "longitude": -14.4},
            "postOfficeBoxNumber": "1",
            "postalCode": "8001",
            "streetAddress": "Storgata 1",
        },
        "otherIdentifier": [identifier("1"), identifier("2")],
        "parentOrg": {"id": "https://group.example", "type": ["Profile"], "name": "Group"},
        "dateOfBirth": "1990-01-01",
        "givenName": "A",
        "familyName": "B",
        "additionalName": "C",
        "familyNamePrefix": "van",
        "honorificPrefix": "Dr",
        "honorificSuffix": "PhD",
        "patronymicName": "D",
    }


def status_entry() -> dict[str, Any]:
    return {
        "id": "https://lms.example.edu/status/1#7",
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": "7",
        "statusListCredential": "https://lms.example.edu/status/1",
    }


def status_list() -> dict[str, Any]:
    return {
        "@context": [V2],
        "id": "https://lms.example.edu/status/1",
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": ISSUER,
        "validFrom": "2026-07-01T12:00:00Z",
        "credentialSubject": {
            "id": "https://lms.example.edu/status/1#list",
            "type": "BitstringStatusList",
            "statusPurpose": "revocation",
            "encodedList": "uH4sIAAAAAAACA",
            "ttl": 300000,
        },
    }


def endorsement() -> dict[str, Any]:
    """With its contexts and its proof, as it stands by itself and inside another credential."""
    return {
        "@context": [V2, OB],
        "id": "urn:uuid:e",
        "type": ["VerifiableCredential", "EndorsementCredential"],
        "name": "Endorsed",
        "issuer": {"id": "did:web:agency.example", "type": ["Profile"]},
        "validFrom": "2026-07-01T12:00:00Z",
        "credentialSubject": {
            "id": ISSUER,
            "type": ["EndorsementSubject"],
            "endorsementComment": "Good.",
        },
        "proof": [proof("1"), {**proof("2"), "expires": "2030-01-01T00:00:00Z", "nonce": "x"}],
    }


def proof(number: str) -> dict[str, Any]:
    return {
        "type": "DataIntegrityProof",
        "created": f"2026-07-0{number}T12:00:00Z",
        "cryptosuite": "eddsa-rdfc-2022",
        "proofPurpose": "assertionMethod",
        "verificationMethod": f"did:web:agency.example#key-{number}",
        "proofValue": "z5x9aCBYovW3CQCbKdNyhEm7ffYSw1YpEdPywQJoNbzDD2gkzQDKJ1sYKJaWvqZtkMt",
    }
