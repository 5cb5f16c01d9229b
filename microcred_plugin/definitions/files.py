"""
Definitions as YAML files, so that they can be kept in git and carried to another site.

Writing and reading again gives the same definitions. In a file, microcredentials name each other
by slug; the address of a fault is its path in the file, with the line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.utils.translation import gettext as _

from microcred_plugin.definitions.content import (
    FIELDS,
    TREES,
    content_of,
    fill,
    is_uuid,
    unknown_field,
)
from microcred_plugin.definitions.drafts import (
    change_draft,
    create_draft,
    create_microcredential,
    draft_of,
    save_checked,
)
from microcred_plugin.definitions.errors import DefinitionRefused, Fault
from microcred_plugin.definitions.fields import put, shown, wrong_with_text
from microcred_plugin.definitions.history import identity, note_microcredential
from microcred_plugin.definitions.images import LARGEST_BYTES, data_url_of_file
from microcred_plugin.definitions.models import (
    ChangeKind,
    Microcredential,
    MicrocredentialVersion,
    Publication,
    VersionState,
)
from microcred_plugin.definitions.plain_yaml import dump, line_of, load
from microcred_plugin.definitions.publishing import publication_lock, publish

FORMAT = "microcredentials/1"
IDENTITY = ("slug", "uuid", "organization", "title", "visibility")
KNOWN = (*IDENTITY, *(name for name in FIELDS if name not in IDENTITY))

CREATED, CHANGED, UNCHANGED = "created", "changed", "unchanged"


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
            "visibility": str(microcredential.visibility),
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
            uuid__in=set(filter(is_uuid, _references(entries)))
        ).values_list("uuid", "slug")
    }
    return dump({"format": FORMAT, "microcredentials": _renamed(entries, slugs)})


def _newest(microcredential: Microcredential) -> MicrocredentialVersion | None:
    return (
        microcredential.versions.exclude(state=VersionState.WITHDRAWN)
        .select_related("supersedes", "image")
        .order_by("-number")
        .first()
    )


# --- in ----------------------------------------------------------------------------------------


def import_definitions(
    text: str,
    *,
    and_publish: bool = False,
    by_id: int | None = None,
    now: datetime | None = None,
    folder: Path | None = None,
) -> list[Imported]:
    """
    Read a file: make what is new, and bring what is there to what the file says, as a draft.

    What the file does not change stays as it is, so reading it twice is reading it once. With
    `and_publish`, each changed definition is published, components first. It is all or nothing:
    `DefinitionRefused` lists every fault and leaves the site as it was. `folder` is where the
    images are that the file names.
    """
    lines, data = load(text)
    try:
        with publication_lock():
            return _import(data, and_publish, by_id, now, folder)
    except DefinitionRefused as error:
        raise DefinitionRefused(_placed(error.faults, lines)) from None


def _import(
    data: Any,
    and_publish: bool,
    by_id: int | None,
    now: datetime | None,
    folder: Path | None,
) -> list[Imported]:
    entries = _entries(data)
    faults: list[Fault] = []
    found: dict[str, tuple[Microcredential, str]] = {}
    for path, entry in entries:
        with _located(faults, path):
            microcredential, result = _identify(entry, by_id)
            if microcredential in (other for other, _result in found.values()):
                raise DefinitionRefused([_twice("", microcredential.slug)])
            found[path] = microcredential, result
    uuids = _uuids(entries, [microcredential for microcredential, _result in found.values()])
    imported: list[Imported] = []
    drafts: list[tuple[str, MicrocredentialVersion]] = []
    for path, entry in entries:
        with _located(faults, path):
            content = _content(entry, uuids, folder)
            if path not in found:
                fill(MicrocredentialVersion(), content)  # so that all that is wrong is said at once
                continue
            microcredential, result = found[path]
            draft, is_changed = _bring_to(microcredential, content, by_id, is_new=result == CREATED)
            if draft is not None:
                drafts.append((path, draft))
            if is_changed and result == UNCHANGED:
                result = CHANGED
            imported.append(Imported(microcredential.slug, result))
    if and_publish and not faults:
        publications = _publish_all(drafts, faults, by_id, now)
        imported = [replace(item, publication=publications.get(item.slug)) for item in imported]
    if faults:
        raise DefinitionRefused(faults)
    return imported


def read_entry(
    text: str, *, microcredential: Microcredential | None = None
) -> tuple[Mapping[str, Any], dict[str, Any]]:
    """
    The one definition of a file: who it is, and its content for a draft. It changes nothing.

    With a microcredential the file has to be about that one. Raises `DefinitionRefused`.
    """
    lines, data = load(text)
    try:
        entries = _entries(data)
        if len(entries) != 1:
            sentence = _("This must be one definition; there are {count}.")
            raise DefinitionRefused(
                [Fault("microcredentials", sentence.format(count=len(entries)))]
            )
        [(path, entry)] = entries
        faults: list[Fault] = []
        with _located(faults, path):
            unknown = [unknown_field(name, KNOWN, name) for name in entry if name not in KNOWN]
            elsewhere = [] if microcredential is None else list(_elsewhere(entry, microcredential))
            if unknown or elsewhere:
                raise DefinitionRefused([*unknown, *elsewhere])
            known = [] if microcredential is None else [microcredential]
            content = _content(entry, _uuids(entries, known), None)
            fill(MicrocredentialVersion(), content)  # so that all that is wrong is said at once
        if faults:
            raise DefinitionRefused(faults)
    except DefinitionRefused as error:
        raise DefinitionRefused(_placed(error.faults, lines)) from None
    return {name: entry.get(name) for name in IDENTITY}, content


def _elsewhere(entry: Mapping[str, Any], microcredential: Microcredential) -> Iterator[Fault]:
    """What an entry says of who it is, and that is not who this microcredential is."""
    for name in ("slug", "uuid", "organization", "visibility"):
        own = str(getattr(microcredential, name))
        if entry.get(name) is not None and entry[name] != own:
            sentence = _("Here this is “{own}”, and can't be changed in the file of a draft.")
            yield Fault(name, sentence.format(own=own))


def _placed(faults: Iterable[Fault], lines: Mapping[str, int]) -> Iterator[Fault]:
    """The faults in the order of the file, each with its line."""
    for line, path, fault in sorted(
        {(line_of(fault.path, lines), fault.path, fault) for fault in faults}
    ):
        yield Fault(f"{path} (line {line})" if line else path, fault.sentence)


def _entries(data: Any) -> list[tuple[str, dict[str, Any]]]:
    """The definitions of a file with their paths, if it is one."""
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        sentence = _("The file has to begin with “format: {format}”.").format(format=FORMAT)
        raise DefinitionRefused([Fault("format", sentence)])
    known = ("format", "microcredentials")
    faults = [unknown_field(name, known, name) for name in data if name not in known]
    listed = data.get("microcredentials")
    if not isinstance(listed, list):
        faults.append(Fault("microcredentials", _("This must be a list of definitions.")))
        raise DefinitionRefused(faults)
    entries = [(f"microcredentials[{place}]", entry) for place, entry in enumerate(listed)]
    seen: set[Any] = set()
    for path, entry in entries:
        if not isinstance(entry, dict):
            sentence = _("This must be a definition, with a slug and its fields; it is {value}.")
            faults.append(Fault(path, sentence.format(value=shown(entry))))
            continue
        slug = entry.get("slug")
        if _is_text(slug) and slug in seen:
            faults.append(_twice(path, slug))
        elif _is_text(slug):
            seen.add(slug)
    if faults:
        raise DefinitionRefused(faults)
    return entries


def _twice(path: str, slug: Any) -> Fault:
    return Fault(
        f"{path}.slug".lstrip("."), _("“{slug}” stands in the file twice.").format(slug=slug)
    )


def _identify(entry: Mapping[str, Any], by_id: int | None) -> tuple[Microcredential, str]:
    """The microcredential that an entry is about, by uuid or else by slug; made if it is new."""
    wanted = Microcredential()
    faults = [unknown_field(name, KNOWN, name) for name in entry if name not in KNOWN]
    for name in ("slug", "organization", "title", "visibility"):
        if entry.get(name) is not None:
            faults += put(wanted, name, entry[name])
        elif name != "visibility":
            faults.append(Fault(name, _("“{name}” is missing.").format(name=name)))
    uuid = entry.get("uuid")
    if uuid is not None:
        try:
            uuid = str(UUID(uuid))
        except (AttributeError, TypeError, ValueError):
            sentence = _("{uuid} is not a UUID. Leave it out to have one made.")
            faults.append(Fault("uuid", sentence.format(uuid=shown(uuid))))
    if faults:
        raise DefinitionRefused(faults)
    named = Microcredential.objects.filter(slug=wanted.slug).first()
    if uuid is not None and named is not None and str(named.uuid) != uuid:
        sentence = _("“{slug}” is another microcredential on this site, with the uuid {uuid}.")
        raise DefinitionRefused([Fault("slug", sentence.format(slug=named.slug, uuid=named.uuid))])
    found = named if uuid is None else Microcredential.objects.filter(uuid=uuid).first()
    if found is None:
        return create_microcredential(
            slug=wanted.slug, organization=wanted.organization, title=wanted.title,
            visibility=wanted.visibility, uuid=uuid, by_id=by_id,
        ), CREATED  # fmt: skip
    before = identity(found)
    differing = [
        name
        for name in ("slug", "organization", "visibility")
        if entry.get(name) is not None and getattr(found, name) != getattr(wanted, name)
    ]
    for name in differing:
        setattr(found, name, getattr(wanted, name))
    if differing:
        save_checked(found)
        note_microcredential(ChangeKind.CHANGED, found, by_id=by_id, before=before)
    return found, CHANGED if differing else UNCHANGED


def _bring_to(
    microcredential: Microcredential,
    content: dict[str, Any],
    by_id: int | None,
    *,
    is_new: bool,
) -> tuple[MicrocredentialVersion | None, bool]:
    """The draft, if there has to be one for the content, and whether that is a change."""
    wanted = MicrocredentialVersion(microcredential=microcredential)
    fill(wanted, content)
    draft = draft_of(microcredential)
    newest = draft or _newest(microcredential)
    before = content_of(newest) if newest else {"title": microcredential.title}
    if content_of(wanted) == before and not is_new:
        return draft, False
    if draft is not None:
        return change_draft(version=draft, content=content, by_id=by_id), True
    draft = create_draft(microcredential=microcredential, content=content, by_id=by_id)
    return draft, True


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
    named = {uuid: set(_references(content_of(draft))) for uuid, (_path, draft) in waiting.items()}
    while waiting:
        ready = [uuid for uuid in waiting if not named[uuid] & set(waiting) - {uuid}]
        # Where they name each other in a circle nobody is ready; publishing says what is wrong.
        for uuid in ready or list(waiting):
            path, draft = waiting.pop(uuid)
            with _located(faults, path):
                publications[draft.microcredential.slug] = publish(
                    version=draft, by_id=by_id, now=now
                )
    return publications


def _content(
    entry: Mapping[str, Any], uuids: Mapping[str, str], folder: Path | None
) -> dict[str, Any]:
    """What an entry says of the version, with everything named as it is on this site."""
    content = {name: entry[name] for name in FIELDS if name in entry}
    for name in TREES:
        if name in content:
            content[name] = _renamed(content[name], uuids)
    if _is_text(content.get("supersedes")):
        earlier = Microcredential.objects.filter(slug=content["supersedes"]).first()
        content["supersedes"] = earlier or content["supersedes"]
    if folder is not None and _is_text(content.get("image")):
        content["image"] = _image(content["image"], folder)
    return content


def _image(name: str, folder: Path) -> str:
    """The content of an image that stands beside the file, as a data URL."""
    if name.startswith("data:"):
        return name
    path = folder / name
    if path.name != name or not path.is_file():
        sentence = _("There is no file “{name}” beside this one. Put the image there.")
        raise DefinitionRefused([Fault("image", sentence.format(name=name))])
    with path.open("rb") as file:
        content = file.read(LARGEST_BYTES + 1)  # more than is allowed, and not all of anything
    return data_url_of_file(content)


def _uuids(
    entries: list[tuple[str, dict[str, Any]]], microcredentials: Iterable[Microcredential]
) -> dict[str, str]:
    """Slug -> uuid for everything that the entries name, of the file or of the site."""
    named = set(_references([entry for _path, entry in entries]))
    found = Microcredential.objects.filter(slug__in=named).values_list("slug", "uuid")
    return {
        # What is refused itself is not missing in what names it as well.
        **{entry["slug"]: str(uuid4()) for _path, entry in entries if _is_text(entry.get("slug"))},
        **{slug: str(uuid) for slug, uuid in found},
        **{found.slug: str(found.uuid) for found in microcredentials},
    }


def _is_text(value: Any) -> bool:
    """Whether it is a text that a database can be asked for."""
    return wrong_with_text(value) is None


# --- what trees name, in data that nobody has checked yet --------------------------------------


def _references(data: Any) -> Iterator[str]:
    if isinstance(data, Mapping):
        if data.get("kind") == "microcredential" and _is_text(data.get("microcredential")):
            yield data["microcredential"].strip()
        for value in data.values():
            yield from _references(value)
    elif isinstance(data, list):
        for value in data:
            yield from _references(value)


def _renamed(data: Any, names: Mapping[str, str]) -> Any:
    """The data with the microcredentials in its trees named otherwise; unknown names stay."""
    if isinstance(data, Mapping):
        renamed = {key: _renamed(value, names) for key, value in data.items()}
        if data.get("kind") == "microcredential" and _is_text(data.get("microcredential")):
            name = data["microcredential"].strip()
            renamed["microcredential"] = names.get(name, name)
        return renamed
    return [_renamed(value, names) for value in data] if isinstance(data, list) else data


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
