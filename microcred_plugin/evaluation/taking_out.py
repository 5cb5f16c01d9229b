"""A requirement tree without a course: what would be left to ask for."""

from __future__ import annotations

from dataclasses import replace

from microcred_plugin.evaluation.requirements import Assessment, Completion, Course, Group, Tree


def take_out(tree: Tree, run: str, course: str | None) -> Tree:
    """
    The tree without everything that asks for this run, or for any run of its course.

    A requirement that lists other runs too keeps those. A group that is left with nothing goes
    as well; what a group needs, two of three, stays as it was, so that the tree may have become
    one that nobody can meet.
    """
    if isinstance(tree, Group):
        children = tuple(
            child for node in tree.of if (child := take_out(node, run, course)) is not None
        )
        if children == tree.of:
            return tree
        return replace(tree, of=children) if children else None
    if isinstance(tree, (Course, Assessment, Completion)):
        if tree.course is not None:
            return None if tree.course == course else tree
        runs = tuple(other for other in tree.runs if other != run)
        if runs != tree.runs:
            return replace(tree, runs=runs) if runs else None
    return tree
