"""
Prints what Tutor would put in place, for sites without it: `python -m microcred_plugin.mfe WHAT`.

WHAT is `env-config`, for an MFE with frontend-plugin-framework, or `frontend-base`, for a module
of a frontend-base site. See docs/how-to/learner-home.md.
"""

from __future__ import annotations

import sys

from microcred_plugin.mfe import sources

PRINTED = {
    "env-config": sources.env_config,
    "frontend-base": sources.frontend_base_module,
}

if len(sys.argv) != 2 or sys.argv[1] not in PRINTED:
    sys.exit(f"Usage: python -m microcred_plugin.mfe {' | '.join(PRINTED)}")
sys.stdout.write(PRINTED[sys.argv[1]]())
