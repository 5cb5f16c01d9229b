"""Whether something that is signed was replaced by a newer one of this site's."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from microcred_plugin.credentials import addresses
from microcred_plugin.credentials.fetching import issuer_with_did
from microcred_plugin.credentials.issuing import current_of
from microcred_plugin.credentials.presented import Presented
from microcred_plugin.credentials.reports import Report, Seen
from microcred_plugin.credentials.stated import begin_of, issuer_id_of
from microcred_plugin.credentials.statuses import is_revoked


def is_replaced(presented: Presented, report: Report, *, now: datetime) -> bool:
    """
    Whether a newer credential with the same id is served, and can be relied on.

    Said of nothing but what this site really signed: whoever has that knows of the award, and of a
    newer one no more is said than that there is one. Open Badges 3.0, "Equality and Comparison".
    """
    seen = {check.of: check.seen for check in report.checks}
    if not seen.get("issuer") == seen.get("signature") == Seen.GOOD:
        return False
    issuer = issuer_with_did(issuer_id_of(presented.document))
    begin, uuid = begin_of(presented.document), _award_in(presented.document.get("id"))
    if issuer is None or begin is None or uuid is None:
        return False
    if presented.document["id"] != addresses.award_url(issuer.base_url, uuid):
        return False
    current = current_of(uuid)
    # Documents have whole seconds.
    if current is None or current.valid_from.replace(microsecond=0) <= begin:
        return False
    is_over = current.valid_until is not None and current.valid_until <= now
    return not is_over and not is_revoked(current.entry)


def _award_in(name: object) -> UUID | None:
    try:
        return UUID(str(name).rpartition("/")[2])
    except ValueError:
        return None
