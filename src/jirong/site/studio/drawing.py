"""Who pays whom and who bears what, as lifelines: a column for each party, an arrow for each clause.

Arrows stand below each other in the order of the clauses, so no two labels can meet however many there are, and each
leads to its line. Columns are ordered so that arrows are short. Widths of words are estimated (a Chinese character
is one em, a Latin letter a little over half), because the server has no font to measure with.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from jirong.kernel.money import Money
from jirong.kernel.text import Text
from jirong.schemes import diagram, vocabulary
from jirong.schemes.diagram import Edge, Node
from jirong.schemes.explain import phrases
from jirong.schemes.model.scheme import Scheme
from jirong.web import display

COLUMN_PX, COLUMN_LEAST_PX, WIDTH_PX = 190, 132, 960
GUTTER_PX, EDGE_PX, HEAD_PX, LINE_PX, ROW_PX = 92, 66, 46, 15, 22
EM_PX = 12
LOOP_PX = 34
SORTED_MOST = 7
"""Up to so many parties every order of columns is tried (5,040); beyond that they stand as declared."""

KINDS: dict[str, Text] = {
    "pays": Text("付款", "pays"),
    "promises": Text("承诺", "promises"),
    "repays": Text("还款", "repays"),
    "funds": Text("出资", "funds"),
    "shares": Text("分润", "shares"),
    "subsidises": Text("补贴", "subsidises"),
    "secures": Text("担保", "secures"),
    "bears": Text("承担损失", "bears loss"),
}
TONES = {"bears": "bad", "secures": "wait", "repays": "good", "promises": "quiet"}


@dataclass(frozen=True)
class Head:
    """A party over its column."""

    x: int
    title: str
    role: str


@dataclass(frozen=True)
class Arrow:
    """One clause: from ``x1`` to ``x2`` at height ``y``; its words stand in ``lines`` above, around ``middle``."""

    path: str
    x2: int
    y: int
    middle: int
    lines: tuple[tuple[int, str], ...]
    kind: Text
    tone: str
    line: int
    head: str
    source: Text
    target: Text
    label: Text
    top: int

    @property
    def tall(self) -> int:
        """Height of the band a pointer may hit."""
        return self.y + 10 - self.top


@dataclass(frozen=True)
class Bearing:
    """A party's part of a loss; ``part`` as a fraction where losses are shared pro rata."""

    who: Text
    share: Decimal | None
    said: Text
    line: int

    @property
    def percent(self) -> str:
        """The share for a style's width; the bar is drawn only where there are shares."""
        return f"{(self.share or 0) * 100:.2f}%"


@dataclass(frozen=True)
class Drawing:
    """The SVG's size and contents, and the parties no money passes."""

    width: int
    height: int
    heads: tuple[Head, ...]
    arrows: tuple[Arrow, ...]
    others: tuple[Text, ...]
    bearings: tuple[Bearing, ...]

    @property
    def foot(self) -> int:
        return self.height - 8

    @property
    def gutter(self) -> int:
        return GUTTER_PX

    @property
    def label_width(self) -> int:
        return GUTTER_PX - 14


def draw(scheme: Scheme) -> Drawing:
    """The drawing of a scheme in the reader's language."""
    found = diagram.diagram(scheme)
    concerned = {end for edge in found.edges for end in (edge.source, edge.target)}
    nodes = _in_order([node for node in found.nodes if node.id in concerned], found.edges)
    step = max(COLUMN_LEAST_PX, min(COLUMN_PX, (WIDTH_PX - GUTTER_PX - 2 * EDGE_PX) // max(len(nodes) - 1, 1)))
    places = {node.id: GUTTER_PX + EDGE_PX + step * place for place, node in enumerate(nodes)}
    width = GUTTER_PX + 2 * EDGE_PX + step * max(len(nodes) - 1, 0)
    titles = {node.id: node.title for node in found.nodes}
    y, arrows = HEAD_PX, []
    for edge in found.edges:
        arrow = _arrow(edge, places, titles, width, y)
        arrows.append(arrow)
        y = arrow.y + (LOOP_PX // 2 if edge.source == edge.target else 0)
    heads = tuple(_head(node, places[node.id], step) for node in nodes)
    others = tuple(node.title for node in found.nodes if node.id not in concerned)
    return Drawing(width, y + 20, heads, tuple(arrows), others, _bearings(scheme, titles))


def _head(node: Node, x: int, step: int) -> Head:
    role = vocabulary.ROLE.get(node.role)
    title = display.say(phrases.capital(Text(node.title.zh, node.title.en.removeprefix("the "))))
    shown = display.say(role) if role else node.role
    return Head(x, _cut(title, step - 8), "" if shown.lower() == title.lower() else _cut(shown, step - 8))


def _arrow(edge: Edge, places: dict[str, int], titles: dict[str, Text], width: int, y: int) -> Arrow:
    x1, x2 = places[edge.source], places[edge.target]
    loop = x1 == x2
    words = _wrapped(display.say(edge.label), max(abs(x2 - x1) - 24, COLUMN_PX))
    half = max(_width(each) for each in words) // 2
    middle = min(max((x1 + x2) // 2, GUTTER_PX + half + 4), max(width - half - 4, GUTTER_PX + half + 4))
    base = y + ROW_PX + LINE_PX * (len(words) - 1)
    lines = tuple((base - LINE_PX * (len(words) - 1 - place), each) for place, each in enumerate(words))
    at = base + 8
    right = x2 > x1
    path = f"M{x1} {at}h{LOOP_PX}v14h-{LOOP_PX - 7}" if loop else f"M{x1} {at}H{x2 - 7 if right else x2 + 7}"
    tip, tip_y = x2, at + 14 if loop else at
    back = 8 if loop or not right else -8
    head = f"M{tip} {tip_y}l{back} -4.5v9z"
    return Arrow(
        path, x2, at, middle, lines, KINDS[edge.kind], TONES.get(edge.kind, "plain"), edge.line, head,
        titles[edge.source], titles[edge.target], edge.label, y + 8,
    )  # fmt: skip


def _in_order(nodes: Sequence[Node], edges: Sequence[Edge]) -> Sequence[Node]:
    """The order of columns with the shortest arrows; among equals the one nearest to the order declared."""
    if len(nodes) > SORTED_MOST:
        return nodes
    pairs = Counter((edge.source, edge.target) for edge in edges).items()

    def length(order: tuple[Node, ...]) -> int:
        place = {node.id: number for number, node in enumerate(order)}
        return sum(count * abs(place[one] - place[other]) for (one, other), count in pairs)

    return min(itertools.permutations(nodes), key=length)


def _bearings(scheme: Scheme, titles: dict[str, Text]) -> tuple[Bearing, ...]:
    losses = scheme.losses
    if losses is None:
        return ()
    shared = [_bearing(titles, each.by, each.share, each.up_to, each.spot.mark.line) for each in losses.borne or ()]
    layered = [_bearing(titles, each.by, None, each.up_to, each.spot.mark.line) for each in losses.layers or ()]
    return (*shared, *layered)


def _bearing(titles: dict[str, Text], by: str, share: Decimal | None, up_to: str | Money | None, line: int) -> Bearing:
    parts = [phrases.rate(share)] if share is not None else []
    if isinstance(up_to, Money):
        most = phrases.amount(up_to)
        parts.append(Text(f"最多{most.zh}", f"at most {most.en}"))
    elif up_to is not None:
        parts.append(vocabulary.UP_TO[up_to])
    said = [*parts] or [Text("其余部分", "the rest")]
    told = Text("，".join(each.zh for each in said), ", ".join(each.en for each in said))
    return Bearing(titles.get(by, Text(by, by)), share, told, line)


def _width(text: str) -> int:
    """Estimated pixels at :data:`EM_PX`."""
    return sum(EM_PX if ord(each) > 0x2E7F else 7 for each in text)


def _wrapped(text: str, most: int) -> list[str]:
    """Lines of at most ``most`` pixels, broken at spaces or between Chinese characters."""
    lines, line = [], ""
    for piece in _pieces(text):
        if line and _width(line + piece.rstrip()) > most:
            lines.append(line.strip())
            line = ""
        line += piece
    return [*lines, line.strip()] if line.strip() or not lines else lines


def _pieces(text: str) -> Iterable[str]:
    """Words with the space after them; each Chinese character by itself."""
    word = ""
    for each in text:
        word += each
        if each == " " or ord(each) > 0x2E7F:
            yield word
            word = ""
    if word:
        yield word


def _cut(text: str, most: int) -> str:
    """The text, or as much as fits with an ellipsis."""
    if _width(text) <= most:
        return text
    while text and _width(text) > most - EM_PX:
        text = text[:-1]
    return f"{text.rstrip()}…"
