"""
Prints what Tutor would put in place, for sites without it: `python -m microcred_plugin.mfe WHAT`.

WHAT is, for Learner Home, `env-config` where it has frontend-plugin-framework, or `frontend-base`,
a module of such a site; for the authoring micro-frontend, `authoring-env-config`. See
docs/how-to/learner-home.md and docs/how-to/authoring.md.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial

from microcred_plugin.mfe import sources

PRINTED: dict[str, Callable[[], str]] = {
    "env-config": partial(sources.env_config, sources.LEARNER_HOME),
    "frontend-base": sources.frontend_base_module,
    "authoring-env-config": partial(sources.env_config, sources.AUTHORING),
}

if len(sys.argv) != 2 or sys.argv[1] not in PRINTED:
    sys.exit(f"Usage: python -m microcred_plugin.mfe {' | '.join(PRINTED)}")
sys.stdout.write(PRINTED[sys.argv[1]]())
