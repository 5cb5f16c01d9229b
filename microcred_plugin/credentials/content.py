"""What a credential says of an award: from its version and receipt, in the version's language."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from microcred_plugin import wording
from microcred_plugin.awards import api as awards
from microcred_plugin.awards.api import Award, AwardEvent, EventKind
from microcred_plugin.credentials import addresses
from microcred_plugin.credentials.models import Issuer
from microcred_plugin.credentials.open_badges import (
    CONTEXTS,
    Achievement,
    Alignment,
    Badge,
    Evidence,
    Profile,
    Recipient,
    Result,
    ResultDescription,
    Status,
    profile,
)
from microcred_plugin.definitions.api import MicrocredentialVersion, trees_of
from microcred_plugin.evaluation.requirements import (
    Assessment,
    Completion,
    Course,
    Node,
    Tree,
    walk,
)
from microcred_plugin.host.interface import Learner

# What an award event is that a credential can speak of, and what it was decided on.
GAINING = frozenset({EventKind.EARNED, EventKind.APPROVED, EventKind.RENEWED, EventKind.REINSTATED})
_WITH_RECEIPT = GAINING | {EventKind.HELD}

# The European Qualifications Framework as linked data: the level is the end of the address.
_EQF = "http://data.europa.eu/snb/eqf/"
_EQF_LEVEL = re.compile(r"\D*([1-8])")

# What Markdown would read as something else than text.
_MARKDOWN = re.compile(r"([\\`*_\[\]<>#|~])")

_GRADED = (Course, Assessment, Completion)


@dataclass(frozen=True, slots=True)
class Signing:
    """What is decided anew whenever something is signed about an award."""

    valid_from: datetime
    status: Status
    has_results: bool


def badge_of(
    award: Award,
    *,
    issuer: Issuer,
    subject: str,
    learner: Learner,
    history: Iterable[AwardEvent],
    signing: Signing,
) -> Badge:
    """What is to be signed about an award; `history` has its receipts."""
    version = award.version
    with override(version.language):
        receipt = _receipt(history)
        leaves = list(_met(receipt))
        described = list(_descriptions(version))
        return Badge(
            id=addresses.award_url(issuer.base_url, award.uuid),
            name=version.title,
            issuer=profile_of(issuer),
            recipient=Recipient(
                id=f"urn:uuid:{subject}", email=learner.email.lower(), salt=secrets.token_hex(16)
            ),
            achievement=achievement_of(version, issuer),
            valid_from=signing.valid_from,
            valid_until=award.expires_at,
            awarded=award.valid_from,
            met_on=award.met_on,
            status=signing.status,
            credits_earned=version.credit_value,
            results=tuple(_results(version, described, leaves)) if signing.has_results else (),
            evidence=tuple(_evidence(version, leaves, award)),
        )


def profile_of(issuer: Issuer) -> Profile:
    """The issuer as every document has it."""
    return Profile(
        id=addresses.did(issuer.base_url, issuer.slug),
        name=issuer.name,
        url=issuer.url or addresses.issuer_url(issuer.base_url, issuer.slug),
        description=issuer.description,
        email=issuer.email,
        image=addresses.logo_url(issuer.base_url, issuer.slug) if issuer.logo_id else "",
        country=issuer.country,
    )


def profile_document_of(issuer: Issuer) -> dict[str, Any]:
    """The profile as a document of its own."""
    return {"@context": list(CONTEXTS), **profile(profile_of(issuer))}


def achievement_of(version: MicrocredentialVersion, issuer: Issuer) -> Achievement:
    """What can be earned, the same for everybody who earns it in this version."""
    uuid = version.microcredential.uuid
    page = addresses.microcredential_url(issuer.base_url, uuid)
    with override(version.language):
        return Achievement(
            id=page,
            name=version.title,
            description=version.description or version.title,
            narrative=narrative_of(version),
            image=addresses.badge_url(issuer.base_url, uuid, version.number),
            language=version.language,
            version=str(version.number),
            creator=Profile(id=addresses.did(issuer.base_url, issuer.slug), name=issuer.name),
            credits=version.credit_value,
            human_code=version.microcredential.slug,
            tags=tuple(skill["name"] for skill in version.skills),
            alignments=tuple(_alignments(version, page)),
            result_descriptions=tuple(one for _path, one in _descriptions(version)),
        )


def narrative_of(version: MicrocredentialVersion) -> str:
    """What has to be done for it, as Markdown in the active language."""
    trees = trees_of(version)
    parts = [_tree_in_words(trees["requirements"], version.names)]
    if trees["eligibility"] is not None:
        parts += [_("Before that:"), _tree_in_words(trees["eligibility"], version.names)]
    if version.prerequisites:
        parts.append(_("Prerequisites: {text}").format(text=_plain(version.prerequisites)))
    if version.validity_months:
        months = version.validity_months
        parts.append(
            ngettext("Valid for {count} month.", "Valid for {count} months.", months).format(
                count=months
            )
        )
    return "\n\n".join(part for part in parts if part)


# --- requirements and what was met -------------------------------------------------------------


def _tree_in_words(tree: Tree, names: Mapping[str, str]) -> str:
    return "" if tree is None else "\n".join(_lines(tree, names, 0))


def _lines(node: Node, names: Mapping[str, str], depth: int) -> Iterator[str]:
    asked = wording.asked(node, names)
    title = f"{_plain(asked.title)}: " if asked.title else ""
    options = f" ({'; '.join(_plain(option) for option in asked.options)})" if asked.options else ""
    children: tuple[Node, ...] = getattr(node, "of", ())
    end = ":" if children else ""
    yield f"{'  ' * depth}- {title}{_plain(asked.text)}{options}{end}"
    for child in children:
        yield from _lines(child, names, depth + 1)


def _plain(text: str) -> str:
    """A text that Markdown leaves as it is, on one line."""
    return _MARKDOWN.sub(r"\\\1", " ".join(text.split()))


def _receipt(history: Iterable[AwardEvent]) -> Mapping[str, Any] | None:
    """What the newest gain was decided on."""
    found = [
        data
        for event in history
        if event.kind in _WITH_RECEIPT and (data := awards.receipt_of(event)) is not None
    ]
    return found[-1]["outcome"] if found else None


def _met(outcome: Mapping[str, Any] | None) -> Iterator[Mapping[str, Any]]:
    """The requirements that were met, without the groups that hold them."""
    if outcome is None or outcome["truth"] != "met":
        return
    children = outcome.get("of", ())
    if not children:
        yield outcome
    for child in children:
        yield from _met(child)


def _descriptions(version: MicrocredentialVersion) -> Iterator[tuple[str, ResultDescription]]:
    """
    The results that who earns it may have, each with the path of its requirement.

    The European elements that Open Badges have no term for stand beside them (workload, the kind
    of credit): as results whose types are our own.
    """
    for tree, root in trees_of(version).items():
        if root is None or tree == "eligibility":
            continue
        for path, node in walk(root, tree):
            if isinstance(node, _GRADED):
                yield path, _graded(version, path, node)
    if version.credit_value is not None:
        yield "credit", _own(version, "credit", version.credit_kind or _("Credits"), "ext:Credit")
    if version.workload_hours is not None:
        yield "workload", _own(version, "workload", _("Workload in hours"), "ext:WorkloadHours")


def _graded(
    version: MicrocredentialVersion, path: str, node: Course | Assessment | Completion
) -> ResultDescription:
    asked = wording.asked(node, version.names)
    needed = node.minimum_percent if isinstance(node, Completion) else node.minimum_grade
    return ResultDescription(
        id=_result_id(version, path),
        name=asked.title or asked.text,
        type="Percent",
        lowest="0",
        highest="100",
        required="" if needed is None else str(needed),
    )


def _own(version: MicrocredentialVersion, path: str, name: str, kind: str) -> ResultDescription:
    return ResultDescription(id=_result_id(version, path), name=name, type=kind)


def _result_id(version: MicrocredentialVersion, path: str) -> str:
    """The same for all who earn this version, and on every machine."""
    name = f"{version.microcredential.uuid}/{version.number}/{path}"
    return f"urn:uuid:{uuid5(NAMESPACE_URL, name)}"


def _results(
    version: MicrocredentialVersion,
    described: Iterable[tuple[str, ResultDescription]],
    leaves: Iterable[Mapping[str, Any]],
) -> Iterator[Result]:
    reached = {leaf["path"]: leaf["reason"]["params"].get("percent") for leaf in leaves}
    stated = {"credit": version.credit_value, "workload": version.workload_hours}
    for path, description in described:
        if reached.get(path) is not None:
            yield Result(description.id, value=str(reached[path]), status="Completed")
        elif stated.get(path) is not None:
            yield Result(description.id, value=_number(stated[path]))


def _number(value: Decimal | None) -> str:
    return f"{value.normalize():f}" if value is not None else ""


_KEYS = ("run", "course", "microcredential", "program")
_GENRES = {
    "course": "Course",
    "assessment": "Assessment",
    "completion": "Course",
    "microcredential": "MicroCredential",
    "program": "LearningProgram",
}


def _evidence(
    version: MicrocredentialVersion, leaves: Iterable[Mapping[str, Any]], award: Award
) -> Iterator[Evidence]:
    """What was done, one for each requirement that was met; the members of a stack are among it."""
    for leaf in leaves:
        message = wording.restored(leaf["reason"])
        said = wording.told(message, version.names)
        yield Evidence(
            name=leaf.get("title") or _subject(leaf, version.names) or said.rstrip("."),
            narrative=_plain(said),
            genre=_GENRES.get(leaf["kind"], ""),
        )
    if award.is_manual:
        yield Evidence(
            name=_("Awarded by a person"),
            narrative=_("A person who may do so decided on this award."),
            genre="Decision",
        )


def _subject(leaf: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """What a requirement is about, by the title that the version knows it by."""
    params = leaf["reason"]["params"]
    key = next((params[name] for name in _KEYS if isinstance(params.get(name), str)), "")
    return names.get(key, "") or str(params.get("name", ""))


# --- what it is aligned with -------------------------------------------------------------------


def _alignments(version: MicrocredentialVersion, page: str) -> Iterator[Alignment]:
    """Skills, and the elements of the EU standard for micro-credentials that are alignments."""
    for skill in version.skills:
        yield Alignment(
            name=skill["name"],
            url=skill.get("url") or f"{page}#skills",
            type=skill.get("target_type", ""),
            framework=skill.get("framework", ""),
            code=skill.get("code", ""),
        )
    if version.level:
        yield _level(version, page)
    for value, kind, place in (
        (version.assessment_type, "ext:AssessmentType", "assessment"),
        (version.supervision, "ext:Supervision", "supervision"),
        (version.participation, "ext:Participation", "participation"),
        (version.quality_assurance, "ext:QualityAssurance", "quality"),
    ):
        if value:
            yield Alignment(name=value, url=f"{page}#{place}", type=kind)


def _level(version: MicrocredentialVersion, page: str) -> Alignment:
    name = f"{version.level_framework} {version.level}".strip()
    match = _EQF_LEVEL.fullmatch(version.level)
    if version.level_framework.casefold() == "eqf" and match is not None:
        return Alignment(
            name=name,
            url=f"{_EQF}{match[1]}",
            type="ext:EQF",
            framework="European Qualifications Framework",
            code=match[1],
        )
    return Alignment(
        name=name, url=f"{page}#level", type="ext:Level", framework=version.level_framework
    )
