"""A form of a package in XML, read in one pass by expat: its values by item and fragment, or the reason why not.

The document is UTF-8 without byte order mark, has no DTD (so no entities and nothing external), no processing
instructions, no CDATA, and only the elements and attributes of the form. Expat says whether it is well formed. Forms
are then read from expat's tokens; those that are spelled as clients usually do, with nothing between the tags, are cut
up by one regular expression instead, which takes a third of the time and gives the same values.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container
from typing import Final, NamedTuple
from xml.parsers import expat

from fakes.package.forms import FORMS, MARKER, Form
from fakes.refusals import Code, RefusedError

LARGEST_FORM: Final = 256 * 1024
"""Most bytes of a form; the longest legal one is far below (assumption)."""

_DECLARED = re.compile(
    rb"""<\?xml\s+version\s*=\s*["']1\.0["'](?:\s+encoding\s*=\s*["']([A-Za-z0-9._:-]+)["'])?[^>]{0,40}\?>"""
)
_PATH = ("", "FormItems", "FormItem", "Fragments", "Fragment", "value")
"""Name of an element by its depth; the root has the form's own."""
_ITEM, _FRAGMENT, _VALUE, _CONTENT = 2, 4, 5, 6
_ATTRIBUTES: Final = (
    frozenset({"form-subject", "id", MARKER[0]}),
    frozenset[str](),
    frozenset({"id", "required", "std-code", "frame-id", "area-id", "category"}),
    frozenset[str](),
    frozenset({"id", "type", "placeholder"}),
    frozenset[str](),
)
_LEVELS: Final = {name: level for level, name in enumerate(_PATH) if name}
_FIELDS: Final = {
    form.file: {item: frozenset(rule.field for rule in group) for item, group in form.groups.items()} for form in FORMS
}

Values = dict[str, dict[str, str]]
"""Text by id of the FormItem and id of the Fragment."""


class _Tag(NamedTuple):
    """A token of markup: `level` is the depth at which it may start, or one of the marks below."""

    level: int
    id: str
    empty: bool
    name: str
    attributes: dict[str, str]


_ENDS, _NOTHING, _NOWHERE = -1, -2, -3
_END: Final = _Tag(_ENDS, "", True, "", {})
_SKIPPED: Final = _Tag(_NOTHING, "", True, "", {})


def read_form(document: bytes, form: Form) -> Values:
    """Return the values of a form; items and fragments all exist in the form's table, each stands once.

    Raises
    ------
    RefusedError
        E1002, E1101 to E1106, and E2001 without the synthetic marker.
    """
    text = _decoded(document, form.file)
    tokens: list[str] = []
    usual = _usual(text, form)
    _parse(document, form.file, tokens.append if usual is None else None)
    return _values(tokens, form) if usual is None else usual


def _parse(document: bytes, file: str, take: Callable[[str], None] | None) -> None:
    """Have expat check a document and hand over its tokens: tags as they are written, texts, comments."""

    def refuse(*_: object) -> None:
        raise RefusedError(Code.XML_DECLARATION, file)

    parser = expat.ParserCreate("utf-8")
    parser.DefaultHandler = take
    parser.StartDoctypeDeclHandler = parser.ProcessingInstructionHandler = parser.StartCdataSectionHandler = refuse
    try:
        parser.Parse(document, True)
    except expat.ExpatError as error:
        raise RefusedError(Code.XML, file, line=error.lineno, column=error.offset + 1) from None


_HEAD = re.compile(
    r"""(?:<\?xml[^<>]*\?>)?\s*<(\w+) form-subject="[^"<>&]*"(?: id="[^"<>&]*")? """
    rf"""{MARKER[0]}="{MARKER[1]}"><FormItems>(<FormItem .*)""",
    re.DOTALL,
)
_BETWEEN = re.compile(r"""(?:</Fragments></FormItem>)?<FormItem id="(\w+)"(?: required="[01]")?><Fragments>""")
_WHOLE = re.compile(
    r"""<Fragment id="(\w+)"(?: type="\w+")?(?: placeholder="[^"<>&]*")?><value>([^<>&]*)</value></Fragment>"""
)
_TAIL = "</Fragments></FormItem></FormItems></{}>"


def _usual(text: str, form: Form) -> Values | None:
    """Return the values of a form in the usual spelling, or None for any other, right or wrong.

    Everything outside the fragments must be tags between items, so that no other markup can hide there.
    """
    pieces = _WHOLE.split(text)
    head = _HEAD.fullmatch(pieces[0])
    if head is None or head[1] != form.root or pieces[-1].rstrip() != _TAIL.format(form.root):
        return None
    pieces[0] = head[2]
    items: Values = {}
    fields: frozenset[str] = frozenset()
    fragments: dict[str, str] = {}
    for between, fragment, value in zip(pieces[:-1:3], pieces[1::3], pieces[2::3], strict=True):
        if between:
            found = _BETWEEN.fullmatch(between)
            if found is None or found[1] not in form.groups or found[1] in items:
                return None
            fields = _FIELDS[form.file][found[1]]
            fragments = items[found[1]] = {}
        if fragment not in fields or fragment in fragments:
            return None
        fragments[fragment] = value
    return items


def _decoded(document: bytes, file: str) -> str:
    if len(document) > LARGEST_FORM:
        raise RefusedError(Code.FILE_SIZE, file, limit=LARGEST_FORM)
    if document.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")) or b"\x00" in document:
        raise RefusedError(Code.XML_CHARSET, file)
    if document.startswith(b"<?xml"):
        declared = _DECLARED.match(document)
        if declared is None:
            raise RefusedError(Code.XML, file, line=1, column=1)
        if declared[1] is not None and declared[1].lower() != b"utf-8":
            raise RefusedError(Code.XML_CHARSET, file)
    try:
        return document.decode()
    except UnicodeDecodeError:
        raise RefusedError(Code.XML_CHARSET, file) from None


def _values(tokens: list[str], form: Form) -> Values:
    """Return the values of the tokens of a well-formed document: tags, texts, comments, and the declaration."""
    filling = _Filling(form)
    known = _TAGS.get
    depth = 0
    for token in tokens:
        tag = known(token)
        if tag is None:
            if token[0] != "<":
                filling.add_text(token, depth)
                continue
            tag = _tag(token)
        if tag.level == _ENDS:
            depth -= 1
        elif tag.level != _NOTHING:
            filling.start(tag, depth)
            if not tag.empty:
                depth += 1
    return filling.items


class _Filling:
    """The values of a form while its tokens come in."""

    __slots__ = ("fields", "form", "fragment", "fragments", "items", "valued")

    def __init__(self, form: Form) -> None:
        self.form = form
        self.items: Values = {}
        self.fields: frozenset[str] = frozenset()
        self.fragments: dict[str, str] = {}
        self.fragment = ""
        self.valued = False

    def add_text(self, token: str, depth: int) -> None:
        if depth == _CONTENT:
            self.fragments[self.fragment] += token if "&" not in token else _plain(token)
        elif not token.isspace():
            raise RefusedError(Code.XML_ELEMENT, self.form.file, found=_shown(token))

    def start(self, tag: _Tag, depth: int) -> None:
        """Every depth has one name, so that depth and name together say that the nesting is right."""
        if tag.level != depth or depth == 0:
            self._check_tag(tag, depth)
        if depth == _FRAGMENT:
            if tag.id not in self.fields or tag.id in self.fragments:
                raise _wrong_id(tag.id, self.fields, self.form.file)
            self.fragment = tag.id
            self.fragments[tag.id] = ""
            self.valued = False
        elif depth == _VALUE:
            if self.valued:
                raise RefusedError(Code.DOUBLE_ITEM, self.form.file, found=self.fragment)
            self.valued = True
        elif depth == _ITEM:
            if tag.id not in self.form.groups or tag.id in self.items:
                raise _wrong_id(tag.id, self.form.groups, self.form.file)
            self.fields = _FIELDS[self.form.file][tag.id]
            self.fragments = self.items[tag.id] = {}

    def _check_tag(self, tag: _Tag, depth: int) -> None:
        """Find what is wrong with a tag: its name, an attribute, or the root of another form."""
        file = self.form.file
        if depth > _VALUE or tag.name != (_PATH[depth] or self.form.root):
            raise RefusedError(Code.XML_ELEMENT, file, found=_shown(tag.name))
        if not tag.attributes.keys() <= _ATTRIBUTES[depth]:
            unknown = min(tag.attributes.keys() - _ATTRIBUTES[depth])
            raise RefusedError(Code.XML_ELEMENT, file, found=_shown(unknown))
        if depth == 0 and tag.attributes.get(MARKER[0]) != MARKER[1]:
            raise RefusedError(Code.UNMARKED, file)


def _wrong_id(found: str, known: Container[str], file: str) -> RefusedError:
    code = Code.DOUBLE_ITEM if found in known else Code.UNKNOWN_ITEM
    return RefusedError(code, file, found=_shown(found))


_ATTRIBUTE = re.compile(r"""([^\s=<>"'/]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_REFERENCE = re.compile(r"&(?:#x([0-9A-Fa-f]+)|#([0-9]+)|(\w+));")
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_TAGS: Final[dict[str, _Tag]] = {}
_MOST_TAGS = 1024
_LONGEST_TAG = 200


def _tag(token: str) -> _Tag:
    """Return the parts of markup that expat found to be well formed; short tags are remembered, up to a number."""
    if token[1] in "!?":
        return _SKIPPED
    tag = _END if token[1] == "/" else _started(token)
    if len(token) <= _LONGEST_TAG and len(_TAGS) < _MOST_TAGS:
        _TAGS[token] = tag
    return tag


def _started(token: str) -> _Tag:
    name = re.split(r"[\s/>]", token[1:], maxsplit=1)[0]
    pairs = _ATTRIBUTE.findall(token, 1 + len(name))
    attributes = {key: _plain(double or single) for key, double, single in pairs}
    level = _LEVELS.get(name, _NOWHERE)
    if level != _NOWHERE and not attributes.keys() <= _ATTRIBUTES[level]:
        level = _NOWHERE
    return _Tag(level, attributes.get("id", ""), token.endswith("/>"), name, attributes)


def _plain(text: str) -> str:
    """Return a text without references; without a DTD there are only five names, and expat has checked them."""
    return _REFERENCE.sub(_referred, text)


def _referred(found: re.Match[str]) -> str:
    hexadecimal, decimal, name = found.groups()
    if name:
        return _NAMED[name]
    return chr(int(hexadecimal, 16) if hexadecimal else int(decimal))


def _shown(found: str) -> str:
    """Return what was found, safe for a message: personal values cannot be told from markup here."""
    return re.sub(r"[^A-Za-z0-9_.:-]", "?", found[:40])
