"""
Definitions as YAML files, so that they can be kept in git and carried to another site.

Writing and reading again gives the same definitions. In a file, microcredentials name each other
by slug; the address of a fault is its path in the file, with the line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import yaml
from django.db import transaction
from django.utils.translation import gettext as _

from microcred_plugin.definitions.content import FIELDS, TREES, content_of, unknown_field
from microcred_plugin.definitions.drafts import (
    change_draft,
    create_draft,
    create_microcredential,
    draft_of,
    save_checked,
)
from microcred_plugin.definitions.errors import DefinitionRefused, Fault
from microcred_plugin.definitions.models import (
    Microcredential,
    MicrocredentialVersion,
    Publication,
    VersionState,
)
from microcred_plugin.definitions.publishing import publication_lock, publish

FORMAT = "microcredentials/1"
MAX_BYTES = 5_000_000
IDENTITY = ("slug", "uuid", "organization", "title", "visibility")
KNOWN = (*IDENTITY, *(name for name in FIELDS if name not in IDENTITY))


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of one definition of a file: "created", "changed" or "unchanged"."""

    slug: str
    result: str
    publication: Publication | None = None


# --- out ---------------------------------------------------------------------------------------


def export_definitions(microcredentials: Iterable[Microcredential]) -> str:
    """The file with these microcredentials: their draft, or else their newest version."""
    entries = []
    for microcredential in microcredentials:
        entry: dict[str, Any] = {
            "slug": microcredential.slug,
            "uuid": str(microcredential.uuid),
            "organization": microcredential.organization,
            "title": microcredential.title,
            "visibility": microcredential.visibility,
        }
        version = _newest(microcredential)
        if version is not None:
            content = content_of(version)
            if "supersedes" in content:
                content["supersedes"] = content["supersedes"].slug
            entry.update(content)
        entries.append(entry)
    slugs = {
        str(uuid): slug
        for uuid, slug in Microcredential.objects.filter(
            uuid__in=set(_references(entries))
        ).values_list("uuid", "slug")
    }
    return yaml.safe_dump(
        {"format": FORMAT, "microcredentials": _renamed(entries, slugs)},
        sort_keys=False,
        allow_unicode=True,
        width=100,
    )


def _newest(microcredential: Microcredential) -> MicrocredentialVersion | None:
    return (
        microcredential.versions.exclude(state=VersionState.WITHDRAWN)
        .select_related("supersedes")
        .order_by("-number")
        .first()
    )


# --- in ----------------------------------------------------------------------------------------


def import_definitions(
    text: str, *, and_publish: bool = False, by_id: int | None = None, now: datetime | None = None
) -> list[Imported]:
    """
    Read a file: make what is new, and bring what is there to what the file says, as a draft.

    What the file does not change stays as it is, so reading it twice is reading it once. With
    `and_publish`, each changed definition is published, components first. It is all or nothing:
    `DefinitionRefused` lists every fault and leaves the site as it was.
    """
    lines, data = _load(text)
    try:
        with publication_lock():
            return _import(data, and_publish, by_id, now)
    except DefinitionRefused as error:
        raise DefinitionRefused(_with_line(fault, lines) for fault in error.faults) from None


def _import(
    data: Any, and_publish: bool, by_id: int | None, now: datetime | None
) -> list[Imported]:
    entries = _entries(data)
    faults: list[Fault] = []
    microcredentials: dict[str, Microcredential] = {}
    created: set[str] = set()
    for path, entry in entries:
        with _located(faults, path):
            microcredential, is_new = _identify(entry)
            microcredentials[entry["slug"]] = microcredential
            created |= {entry["slug"]} if is_new else set()
    uuids = _uuids(entries, microcredentials)
    imported: list[Imported] = []
    drafts: list[tuple[str, MicrocredentialVersion]] = []
    for path, entry in entries:
        if entry.get("slug") not in microcredentials:
            continue
        with _located(faults, path):
            microcredential = microcredentials[entry["slug"]]
            content = _content(entry, uuids)
            draft, result = _bring_to(microcredential, content, entry["slug"] in created)
            imported.append(Imported(entry["slug"], result))
            if draft is not None:
                drafts.append((path, draft))
    if not faults and and_publish:
        publications = _publish_all(drafts, faults, by_id, now)
        imported = [
            Imported(item.slug, item.result, publications.get(item.slug)) for item in imported
        ]
    if faults:
        raise DefinitionRefused(faults)
    return imported


def _identify(entry: Mapping[str, Any]) -> tuple[Microcredential, bool]:
    """The microcredential that an entry is about, by uuid or else by slug; made if it is new."""
    unknown = [name for name in entry if name not in KNOWN]
    if unknown:
        raise DefinitionRefused(unknown_field(name, KNOWN, str(name)) for name in unknown)
    missing = [name for name in ("slug", "organization", "title") if not entry.get(name)]
    if missing:
        raise DefinitionRefused(
            Fault(name, _("“{name}” is missing.").format(name=name)) for name in missing
        )
    identity = {name: entry[name] for name in IDENTITY if entry.get(name) is not None}
    uuid = entry.get("uuid")
    if uuid is not None and not _is_uuid(uuid):
        raise DefinitionRefused(
            [Fault("uuid", _("“{uuid}” is not a UUID. Leave it out to have one made.").format(
                uuid=uuid
            ))]
        )  # fmt: skip
    by_slug = Microcredential.objects.filter(slug=entry["slug"]).first()
    found = Microcredential.objects.filter(uuid=uuid).first() if uuid else by_slug
    if found is None and by_slug is not None:
        raise DefinitionRefused(
            [Fault("slug", _(
                "“{slug}” is another microcredential on this site, with the uuid {uuid}."
            ).format(slug=by_slug.slug, uuid=by_slug.uuid))]
        )  # fmt: skip
    if found is None:
        return create_microcredential(**identity), True
    for name in ("slug", "organization", "visibility"):
        if name in identity:
            setattr(found, name, identity[name])
    save_checked(found)
    return found, False


def _bring_to(
    microcredential: Microcredential, content: dict[str, Any], is_new: bool
) -> tuple[MicrocredentialVersion | None, str]:
    """The draft with this content, None if that is what the newest version says already."""
    draft = draft_of(microcredential)
    newest = draft or _newest(microcredential)
    if newest is None:
        return create_draft(microcredential=microcredential, content=content), "created"
    before = content_of(newest)
    with transaction.atomic():
        if draft is None:
            changed = create_draft(microcredential=microcredential, content=content)
        else:
            changed = change_draft(version=draft, content=content)
        if content_of(changed) != before:
            return changed, "created" if is_new else "changed"
        if draft is None:
            changed.delete()
    return draft, "unchanged"


def _publish_all(
    drafts: list[tuple[str, MicrocredentialVersion]],
    faults: list[Fault],
    by_id: int | None,
    now: datetime | None,
) -> dict[str, Publication]:
    """
    Publish the drafts, each after those it names; whoever waits for nobody any more goes next.
    """
    publications: dict[str, Publication] = {}
    waiting = {str(draft.microcredential.uuid): (path, draft) for path, draft in drafts}
    while waiting:
        ready = [
            uuid
            for uuid, (_path, draft) in waiting.items()
            if not set(_references(draft.__dict__)) & set(waiting) - {uuid}
        ]
        # Where they name each other in a circle nobody is ready; publishing says what is wrong.
        for uuid in ready or list(waiting):
            path, draft = waiting.pop(uuid)
            with _located(faults, path):
                publications[draft.microcredential.slug] = publish(
                    version=draft, by_id=by_id, now=now
                )
    return publications


def _content(entry: Mapping[str, Any], uuids: Mapping[str, str]) -> dict[str, Any]:
    content = {name: entry[name] for name in FIELDS if name in entry}
    for name in TREES:
        if name in content:
            content[name] = _renamed(content[name], uuids)
    if content.get("supersedes") is not None:
        slug = content["supersedes"]
        earlier = Microcredential.objects.filter(slug=str(slug)).first()
        if earlier is None:
            raise DefinitionRefused(
                [Fault("supersedes", _("There is no microcredential “{slug}”.").format(slug=slug))]
            )
        content["supersedes"] = earlier
    return content


def _entries(data: Any) -> list[tuple[str, dict[str, Any]]]:
    """The definitions of a file with their paths, if it is one."""
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise DefinitionRefused(
            [Fault("format", _("The file has to begin with “format: {format}”.").format(
                format=FORMAT
            ))]
        )  # fmt: skip
    for name in data:
        if name not in ("format", "microcredentials"):
            raise DefinitionRefused([unknown_field(name, ("microcredentials",), str(name))])
    entries = data.get("microcredentials")
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise DefinitionRefused(
            [Fault("microcredentials", _("This has to be a list of definitions."))]
        )
    named = [(f"microcredentials[{place}]", entry) for place, entry in enumerate(entries)]
    slugs: set[Any] = set()
    for path, entry in named:
        if str(entry.get("slug")) in slugs:
            raise DefinitionRefused(
                [Fault(f"{path}.slug", _("“{slug}” stands in the file twice.").format(
                    slug=entry.get("slug")
                ))]
            )  # fmt: skip
        slugs.add(str(entry.get("slug")))
    return named


def _uuids(
    entries: list[tuple[str, dict[str, Any]]], microcredentials: Mapping[str, Microcredential]
) -> dict[str, str]:
    """Slug -> uuid for everything that the entries name, of the file or of the site."""
    named = set(_references([entry for _path, entry in entries]))
    found = Microcredential.objects.filter(slug__in=named).values_list("slug", "uuid")
    uuids = {slug: str(uuid) for slug, uuid in found}
    return uuids | {slug: str(found.uuid) for slug, found in microcredentials.items()}


# --- what trees name, in data that nobody has checked yet --------------------------------------


def _references(data: Any) -> Iterator[str]:
    if isinstance(data, Mapping):
        if data.get("kind") == "microcredential" and isinstance(data.get("microcredential"), str):
            yield data["microcredential"]
        for value in data.values():
            yield from _references(value)
    elif isinstance(data, list):
        for value in data:
            yield from _references(value)


def _renamed(data: Any, names: Mapping[str, str]) -> Any:
    """The data with the microcredentials in its trees named otherwise; unknown names stay."""
    if isinstance(data, Mapping):
        renamed = {key: _renamed(value, names) for key, value in data.items()}
        if data.get("kind") == "microcredential" and isinstance(data.get("microcredential"), str):
            renamed["microcredential"] = names.get(data["microcredential"], data["microcredential"])
        return renamed
    return [_renamed(value, names) for value in data] if isinstance(data, list) else data


def _is_uuid(value: Any) -> bool:
    try:
        UUID(str(value))
    except ValueError:
        return False
    return True


# --- YAML, with lines ----------------------------------------------------------------------------


def _load(text: str) -> tuple[dict[str, int], Any]:
    """The line of every path, and the data; days as text, the way the trees hold them."""
    if len(text) > MAX_BYTES:
        raise DefinitionRefused(
            [Fault("", _("The file is larger than {most} MB.").format(most=MAX_BYTES // 10**6))]
        )
    try:
        if any(isinstance(token, yaml.AliasToken) for token in yaml.scan(text, yaml.SafeLoader)):
            raise DefinitionRefused([Fault("", _("Aliases (*name) are not read; write it out."))])
        root = yaml.compose(text, yaml.SafeLoader)
        data = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise DefinitionRefused(
            [Fault("", _("This is not YAML: {error}").format(error=error))]
        ) from error
    lines: dict[str, int] = {}
    faults = list(_read_lines(root, "", lines))
    if faults:
        raise DefinitionRefused(faults)
    return lines, _days_as_text(data)


def _read_lines(node: yaml.Node | None, path: str, lines: dict[str, int]) -> Iterator[Fault]:
    if node is None:
        return
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            inner = f"{path}.{key.value}" if path else str(key.value)
            line = key.start_mark.line + 1
            if inner in lines:
                yield Fault(
                    f"{inner} (line {line})",
                    _("“{name}” stands here twice; keep one.").format(name=key.value),
                )
            lines[inner] = line
            yield from _read_lines(value, inner, lines)
    elif isinstance(node, yaml.SequenceNode):
        for place, value in enumerate(node.value):
            inner = f"{path}[{place}]"
            lines[inner] = value.start_mark.line + 1
            yield from _read_lines(value, inner, lines)


def _days_as_text(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: _days_as_text(value) for key, value in data.items()}
    if isinstance(data, list):
        return [_days_as_text(value) for value in data]
    if isinstance(data, date) and not isinstance(data, datetime):
        return data.isoformat()
    return data


def _with_line(fault: Fault, lines: Mapping[str, int]) -> Fault:
    """The fault with the line of its path, or of the nearest thing around it."""
    path = fault.path
    while path and path not in lines:
        path = re.sub(r"(\.[^.\[]*|\[\d+\]|^[^.\[]+)$", "", path)
    return Fault(f"{fault.path} (line {lines[path]})", fault.sentence) if path else fault


@contextmanager
def _located(faults: list[Fault], path: str) -> Iterator[None]:
    """Collects what is refused inside, under a path, and takes back what it had written."""
    try:
        with transaction.atomic():
            yield
    except DefinitionRefused as error:
        faults += (
            Fault(f"{path}.{fault.path}" if fault.path else path, fault.sentence)
            for fault in error.faults
        )
