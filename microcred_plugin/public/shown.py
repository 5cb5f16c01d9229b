"""A shared award, as everybody sees it; and what its holder is shown about sharing it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.html import format_html

from microcred_plugin.awards.api import State
from microcred_plugin.credentials import api as credentials
from microcred_plugin.credentials.api import (
    SIGNED_STATES,
    Choice,
    Credential,
    Holder,
    Issuer,
    Shared,
    can_sign,
)
from microcred_plugin.definitions.api import MicrocredentialVersion
from microcred_plugin.host import get_host
from microcred_plugin.presenting.parts import Earned, Requirement, credit, earned, workload
from microcred_plugin.progress import microcredential_url
from microcred_plugin.public.checks import Verdict, verdict_on
from microcred_plugin.public.linkedin import linkedin_url
from microcred_plugin.public.reading import Readable, award_url
from microcred_plugin.public.status import Status, status_of
from microcred_plugin.public.told import met_for

# Wide and high, in pixels, on a page of somebody else's.
_EMBEDDED = 160


@dataclass(frozen=True, slots=True)
class Passing:
    """
    What an award is passed on with: its address, downloads, and a piece of HTML.

    `embed` is empty where it is not shared, and so is `status_list_url` where nothing is signed.
    `has_downloads` is False where nothing is signed, nor can be.
    """

    uuid: str
    url: str
    embed: str
    has_downloads: bool
    did_url: str
    status_list_url: str


@dataclass(frozen=True, slots=True)
class PublicAward:
    """
    Everything on the page. `holder` is empty where they chose no name.

    `is_preview`: it is the holder who looks, at what others see; `is_shared`: they do see it.
    """

    award: Earned
    version: MicrocredentialVersion
    holder: str
    issuer: str
    issuer_url: str
    microcredential_url: str
    status: Status
    met: Requirement | None
    is_manual: bool
    workload: str
    credit: str
    verdict: Verdict
    passing: Passing
    is_shared: bool
    is_preview: bool
    is_indexed: bool


@dataclass(frozen=True, slots=True)
class Card:
    """
    What a holder is shown about sharing an award.

    `name` is the one that others see; `is_unsigned`: it is shared, and the site could not sign it.
    """

    uuid: str
    choice: Choice
    name: str
    is_profile_public: bool
    can_sign: bool
    is_unsigned: bool
    linkedin_url: str
    passing: Passing

    @property
    def is_shared(self) -> bool:
        return self.choice.state == Shared.SHARED

    @property
    def is_declined(self) -> bool:
        return self.choice.state == Shared.DECLINED


def read_public(readable: Readable, *, now: datetime) -> PublicAward:
    """The page of an award that others may read, or its holder would like to see as they do."""
    award, version = readable.award, readable.award.version
    signed = credentials.current_of(award.uuid)
    issuer = _issuer_of(readable, signed)
    holder = credentials.find_holder(award.learner_id)
    status = status_of(award, now=now)
    url = award_url(award.uuid)
    return PublicAward(
        award=earned(award, now=now),
        version=version,
        holder=credentials.shown_name(holder, readable.learner),
        issuer=issuer.name if issuer else award.microcredential.organization,
        issuer_url=reverse("microcred:issuer", args=[issuer.slug]) if issuer else "",
        microcredential_url=microcredential_url(str(award.microcredential.uuid)),
        status=status,
        met=met_for(award, has_results=readable.choice.has_results),
        is_manual=award.is_manual,
        workload=workload(version),
        credit=credit(version),
        verdict=verdict_on(award, status=status, signed=signed, issuer=issuer, url=url, now=now),
        passing=_passing(readable, signed, issuer),
        is_shared=readable.is_shared,
        is_preview=readable.is_holder,
        is_indexed=readable.is_shared and _may_be_indexed(holder),
    )


def read_card(readable: Readable, *, now: datetime) -> Card | None:
    """What the holder can do about sharing; None where it is not theirs yet, or never was."""
    award, choice = readable.award, readable.choice
    if award.state not in SIGNED_STATES:
        return None
    signed = credentials.current_of(award.uuid)
    issuer = _issuer_of(readable, signed)
    holder = credentials.find_holder(award.learner_id)
    passing = _passing(readable, signed, issuer)
    is_offered = readable.is_shared and status_of(award, now=now).state == State.ACTIVE
    return Card(
        uuid=str(award.uuid),
        choice=choice,
        name=credentials.shown_name(holder, readable.learner),
        is_profile_public=holder is not None and holder.is_profile_public,
        can_sign=can_sign(),
        is_unsigned=readable.is_shared and signed is None,
        linkedin_url=linkedin_url(award, url=passing.url, issuer=issuer) if is_offered else "",
        passing=passing,
    )


def _issuer_of(readable: Readable, signed: Credential | None) -> Issuer | None:
    """Who issued it; what is signed says so, without another query."""
    if signed is not None:
        return signed.entry.status_list.issuer
    return credentials.find_issuer(readable.award.microcredential.organization)


def _may_be_indexed(holder: Holder | None) -> bool:
    return holder is not None and holder.is_profile_public and holder.may_be_indexed


def _passing(readable: Readable, signed: Credential | None, issuer: Issuer | None) -> Passing:
    award, url = readable.award, award_url(readable.award.uuid)
    entry = signed.entry if signed else None
    is_declined = readable.choice.state == Shared.DECLINED
    embed = ""
    if readable.is_shared and signed is not None:
        embed = format_html(
            '<a href="{}"><img src="{}" alt="{}" width="{}" height="{}"></a>',
            url,
            get_host().absolute_url(reverse("microcred:award_png", args=[award.uuid])),
            award.version.title,
            _EMBEDDED,
            _EMBEDDED,
        )
    return Passing(
        uuid=str(award.uuid),
        url=url,
        embed=embed,
        has_downloads=not is_declined and (signed is not None or can_sign()),
        did_url=reverse("microcred:did_json", args=[issuer.slug]) if issuer else "",
        status_list_url=(
            reverse("microcred:status_list", args=[issuer.slug, entry.status_list.number])
            if issuer and entry
            else ""
        ),
    )
