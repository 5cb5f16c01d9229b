"""
Message keys and requirements in sentences, in the reader's language.

`sentences` says what an evaluation found, to the learner; `asking` what a requirement asks for, to
everybody; `told` what a learner has met, to somebody else.
"""

from microcred_plugin.wording.asking import Asked, asked
from microcred_plugin.wording.sentences import SENTENCES, line, problem, restored, sentence
from microcred_plugin.wording.told import TOLD, told

__all__ = [
    "SENTENCES", "TOLD", "Asked", "asked", "line", "problem", "restored", "sentence", "told",
]  # fmt: skip
