"""As much of YAML as a definition needs: plain data out, and in again with their lines."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import yaml
from django.utils.translation import gettext as _

from microcred_plugin.definitions.errors import DefinitionRefused, Fault

MOST_CHARACTERS = 10_000_000
MOST_LEVELS = 100


def dump(data: Any) -> str:
    """The data as a file for people: fields in their order, long texts in paragraphs."""
    return yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)


def load(text: str) -> tuple[dict[str, int], Any]:
    """
    The line of every path, and the data: texts, whole and decimal numbers, flags, lists, mappings.

    Raises `DefinitionRefused`, with lines.
    """
    if len(text) > MOST_CHARACTERS:
        sentence = _("The file has more than {most} million characters. Divide it.")
        raise DefinitionRefused([Fault("", sentence.format(most=MOST_CHARACTERS // 10**6))])
    lines: dict[str, int] = {}
    loader = None
    try:
        loader = _Loader(text)
        root = loader.get_single_node()
        faults = list(_read_lines(root, "", lines))
        if faults:
            raise DefinitionRefused(faults)
        return lines, None if root is None else loader.construct_document(root)
    except DefinitionRefused:
        raise
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        sentence = _("There is a control character in this text. Take it out.")
        raise DefinitionRefused([_at_line(line, sentence)]) from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        reason = ", ".join(filter(None, (error.context, error.problem)))
        raise DefinitionRefused([_not_yaml(mark.line + 1 if mark else 1, reason)]) from error
    except (ValueError, OverflowError) as error:
        # The escape of a character that there is none of, a version of a thousand digits.
        raise DefinitionRefused([_not_yaml(loader.line + 1 if loader else 1, error)]) from error


def line_of(path: str, lines: Mapping[str, int]) -> int:
    """The line of a path, or of the nearest thing around it; 0 where there is none."""
    while path and path not in lines:
        path = path[: max(path.rfind("."), path.rfind("["), 0)]
    return lines.get(path, 0)


class _Dumper(yaml.SafeDumper):
    """YAML without aliases, whatever is written twice."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    if any(mark in text for mark in "\x85\u2028\u2029"):
        style = '"'  # these end a line for a reader of YAML, and would be written as they are
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style)


_Dumper.add_representer(str, _text)


class _Loader(yaml.SafeLoader):
    """
    YAML without aliases and tags, and without guesses: `no` and `on` are texts, and so are days.

    What is written without quotes is a number or a flag only where YAML 1.1 and 1.2 agree that it
    is; a country code, a course code with a leading zero or a time stay what the author wrote.
    """

    yaml_implicit_resolvers = {}  # none of the parent's
    level = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]
        if isinstance(event, yaml.AliasEvent):
            self._refuse(event, _("Aliases (*name) are not read; write it out."))
        if getattr(event, "tag", None) is not None:
            self._refuse(event, _("Tags (!name) are not read; leave it out, or quote the text."))
        self.level += 1
        if self.level > MOST_LEVELS:
            self._refuse(event, _("This is nested too deeply."))
        node = super().compose_node(parent, index)
        self.level -= 1
        return node

    def _refuse(self, event: Any, sentence: str) -> None:
        raise DefinitionRefused([_at_line(event.start_mark.line + 1, sentence)])


for _tag, _pattern, _first in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?(0|[1-9][0-9]{0,17})", list("-+0123456789")),
    ("float", r"[-+]?[0-9]{1,18}\.[0-9]{1,18}", list("-+0123456789")),
):
    _Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}", re.compile(rf"^(?:{_pattern})$"), _first
    )


def _not_yaml(line: int, reason: object) -> Fault:
    return _at_line(line, _("This is not YAML: {reason}.").format(reason=reason))


def _at_line(line: int, sentence: str) -> Fault:
    return Fault(f"line {line}", sentence)


def _read_lines(node: yaml.Node | None, path: str, lines: dict[str, int]) -> Iterator[Fault]:
    """Note the line of every path below; says which names are not texts, or stand twice."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            line = key.start_mark.line + 1
            if key.tag != "tag:yaml.org,2002:str":
                yield _at_line(line, _("The name of a field must be a text. Quote it."))
                continue
            inner = f"{path}.{key.value}" if path else key.value
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
