"""Every setting of the plugin, with its default. docs/reference/settings.md is made from here."""

from __future__ import annotations

from typing import Any


def set_defaults(settings: Any, *, evaluates: bool) -> None:
    """Put the defaults into the platform's settings module."""
    # .. setting_name: MICROCRED_EVALUATES
    # .. setting_default: True in the LMS, False in Studio
    # .. setting_description: Whether this service evaluates learners. Studio can't, since grades
    #    and certificates are not installed there; it hands over to MICROCRED_QUEUE, or leaves the
    #    work to the LMS's sweep. The plugin sets it; leave it alone.
    settings.MICROCRED_EVALUATES = evaluates

    # .. setting_name: MICROCRED_HOST
    # .. setting_default: "microcred_plugin.host.openedx.OpenEdxHost"
    # .. setting_description: Dotted path of the class through which the plugin reads the
    #    platform. A system check says so if it is missing or does not fit.
    settings.MICROCRED_HOST = "microcred_plugin.host.openedx.OpenEdxHost"

    # .. setting_name: MICROCRED_SWITCH
    # .. setting_default: "on"
    # .. setting_description: "off": nothing is evaluated. "observe": what would be awarded is
    #    recorded, and nobody is told. "on". Each microcredential has the same switch; the more
    #    cautious of the two holds.
    settings.MICROCRED_SWITCH = "on"

    # .. setting_name: MICROCRED_QUEUE
    # .. setting_default: None
    # .. setting_description: The Celery queue of the LMS to which the plugin's tasks are sent,
    #    from Studio too. None: the default queue of the service that sends.
    settings.MICROCRED_QUEUE = None

    # .. setting_name: MICROCRED_BROKER_TIMEOUT
    # .. setting_default: 1.0
    # .. setting_description: Seconds after which the plugin gives up sending a task. A task that
    #    could not be sent is logged, and made up for by the next sweep.
    settings.MICROCRED_BROKER_TIMEOUT = 1.0

    # .. setting_name: MICROCRED_COALESCE_SECONDS
    # .. setting_default: 60
    # .. setting_description: Hints about the same learner and course run that follow each other
    #    within so many seconds share a task, as long as it has not begun.
    settings.MICROCRED_COALESCE_SECONDS = 60

    # .. setting_name: MICROCRED_HINT_DELAY
    # .. setting_default: 2
    # .. setting_description: Seconds that a worker waits with what an event hints at. The platform
    #    sends several events about one answer, a grade, a passing status and a certificate, within
    #    two seconds; so they are evaluated once.
    settings.MICROCRED_HINT_DELAY = 2

    # .. setting_name: MICROCRED_BATCH_SIZE
    # .. setting_default: 200
    # .. setting_description: The most learners that are evaluated, and locked, at a time.
    settings.MICROCRED_BATCH_SIZE = 200

    # .. setting_name: MICROCRED_RETRY_SECONDS
    # .. setting_default: 900
    # .. setting_description: Seconds after which the platform is asked again about what it
    #    could not say.
    settings.MICROCRED_RETRY_SECONDS = 900

    # .. setting_name: MICROCRED_ORGANIZATION_COLORS
    # .. setting_default: {}
    # .. setting_description: The colour of an organisation's badges, as {"Org": "#1b4d89"}. An
    #    organisation without one gets a colour that its name decides on.
    settings.MICROCRED_ORGANIZATION_COLORS = {}

    # .. setting_name: MICROCRED_EMAIL
    # .. setting_default: "off"
    # .. setting_description: "on": learners are told by e-mail, through edx-ace, what they have
    #    earned, unless they say on their page that they want none. What was earned while it was
    #    "off" is not told later. Course teams and authors are told what the other side has done
    #    about an offer; what waits for an answer, later too.
    settings.MICROCRED_EMAIL = "off"

    # .. setting_name: MICROCRED_EMAILS_PER_MINUTE
    # .. setting_default: 100
    # .. setting_description: The most e-mails that the plugin sends in a minute. Those who have
    #    just earned something come before those whom a publication concerns.
    settings.MICROCRED_EMAILS_PER_MINUTE = 100

    # .. setting_name: MICROCRED_EMAIL_GATHER_SECONDS
    # .. setting_default: 60
    # .. setting_description: So long an e-mail waits for what its learner may earn next, so that
    #    one e-mail tells all of it.
    settings.MICROCRED_EMAIL_GATHER_SECONDS = 60

    # .. setting_name: MICROCRED_EMAIL_BACKFILL_GATHER_SECONDS
    # .. setting_default: 1800
    # .. setting_description: The same for what a publication or a reconciliation awards: long
    #    enough to publish several, and have each learner told of all in one e-mail.
    settings.MICROCRED_EMAIL_BACKFILL_GATHER_SECONDS = 1800

    # .. setting_name: MICROCRED_EMAIL_BACKFILL_DAYS
    # .. setting_default: None
    # .. setting_description: What a publication or a reconciliation awards for something that was
    #    met longer ago than so many days is not told by e-mail. None: it is, however long ago.
    settings.MICROCRED_EMAIL_BACKFILL_DAYS = None

    # .. setting_name: MICROCRED_HEALTH_LIMITS
    # .. setting_default: {}
    # .. setting_description: How far each thing may lag before the health check calls it wrong, as
    #    {"sweep": 600}. What is not named keeps its limit; docs/how-to/operate.md lists them.
    settings.MICROCRED_HEALTH_LIMITS = {}

    # .. setting_name: MICROCRED_HEALTH_TOKEN
    # .. setting_default: ""
    # .. setting_description: Whoever sends it as `Authorization: Bearer …` may read
    #    `/microcredentials/health/`, as staff who are logged in may. Empty: only these.
    settings.MICROCRED_HEALTH_TOKEN = ""
    # .. setting_name: MICROCRED_API_USER_RATE
    # .. setting_default: "120/minute"
    # .. setting_description: How often each user may ask the REST API, as so many per second,
    #    minute, hour or day. None: as often as they like.
    settings.MICROCRED_API_USER_RATE = "120/minute"

    # .. setting_name: MICROCRED_API_VISITOR_RATE
    # .. setting_default: "60/minute"
    # .. setting_description: The same for those who are not logged in, by the address that they
    #    come from; Django REST framework's NUM_PROXIES says which address that is.
    settings.MICROCRED_API_VISITOR_RATE = "60/minute"

    # .. setting_name: MICROCRED_KEY_ENCRYPTION_KEYS
    # .. setting_default: []
    # .. setting_description: What issuers' private keys are encrypted with in the database, as
    #    `microcred keys new` prints it. The first encrypts, each decrypts: put a new one before
    #    the old one, run `microcred keys reencrypt`, and take the old one out. The same in the LMS
    #    and in Studio. Empty: nothing is signed.
    settings.MICROCRED_KEY_ENCRYPTION_KEYS = []

    # .. setting_name: MICROCRED_SIGNER
    # .. setting_default: "microcred_plugin.credentials.signers.DatabaseSigner"
    # .. setting_description: The class that holds issuers' private keys.
    #    "microcred_plugin.credentials.signers.ConfiguredSigner" reads them from files or the
    #    environment; a class of the site's own may ask a vault.
    settings.MICROCRED_SIGNER = "microcred_plugin.credentials.signers.DatabaseSigner"

    # .. setting_name: MICROCRED_SIGNING_KEYS
    # .. setting_default: {}
    # .. setting_description: For ConfiguredSigner: the PEM (PKCS #8) of each organisation's keys,
    #    as {"Org": {"ed25519": "file:/path", "rsa": "env:NAME"}}.
    settings.MICROCRED_SIGNING_KEYS = {}

    # .. setting_name: MICROCRED_SIGN
    # .. setting_default: "request"
    # .. setting_description: When a credential is signed: "request", as soon as its holder shares
    #    or downloads it; "award", as soon as it is earned.
    settings.MICROCRED_SIGN = "request"

    # .. setting_name: MICROCRED_STATUS_SECONDS
    # .. setting_default: 60
    # .. setting_description: So many seconds a status list is served as it is, before it is
    #    compared again with what the awards say. A revocation reaches verifiers after that time.
    settings.MICROCRED_STATUS_SECONDS = 60

    # .. setting_name: MICROCRED_VERIFIER_HOSTS
    # .. setting_default: []
    # .. setting_description: Hosts of other issuers, such as "badges.example.org", from which the
    #    verifier may fetch credentials, keys and status lists. What this site issued needs none.
    settings.MICROCRED_VERIFIER_HOSTS = []

    # .. setting_name: MICROCRED_VERIFIER_RATE
    # .. setting_default: "20/minute"
    # .. setting_description: How often somebody may have a credential verified, as so many per
    #    second, minute, hour or day. None: as often as they like.
    settings.MICROCRED_VERIFIER_RATE = "20/minute"
