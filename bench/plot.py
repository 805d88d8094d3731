# SPDX-License-Identifier: Apache-2.0
"""Draws docs/performance.svg from docs/performance.json: how cost grows, and what nginx keeps of its
requests. A vertical line through a point is its interval."""

import math
from pathlib import Path

from report import AEADS

DOCS = Path(__file__).resolve().parents[1] / "docs"
COLOURS = ("#555555", "#0b62a4", "#d0661b", "#2a8a3a", "#9b2d86")
WIDTH, HEIGHT, MARGIN = 330, 250, 52  # of a panel, and left of and below its axes


def text(x, y, content, anchor="middle", extra="") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {extra}>{content}</text>'


def interval(value) -> tuple[float, float, float]:
    """Of what was measured with one, or of a number."""
    return (value, value, value) if isinstance(value, (int, float)) else tuple(value)


class Panel:
    """Lines over logarithmic x, which may also have a 0, with y from 0."""

    def __init__(self, x, y, title, x_label, y_label, lines: dict[str, dict], top):
        self.x, self.y, self.top = x + MARGIN, y + 30, top
        self.width, self.height = WIDTH - MARGIN - 20, HEIGHT - MARGIN - 30
        xs = sorted({point for line in lines.values() for point in line})
        positive = [point for point in xs if point > 0]
        self.zero = positive[0] ** 2 / positive[1]  # one step to the left
        self.low, self.high = self.log(xs[0]), self.log(xs[-1])
        self.parts = [text(self.x + self.width / 2, self.y - 12, title, extra='font-weight="bold"'),
                      text(self.x + self.width / 2, self.y + self.height + 34, x_label),
                      text(0, 0, y_label, extra=f'transform="translate({x + 12} '
                           f'{self.y + self.height / 2:.1f}) rotate(-90)"')]
        for i in range(5):
            value = top * i / 4
            self.parts.append(f'<path d="M{self.x} {self.at_y(value):.1f}h{self.width}" '
                              'stroke="#dddddd"/>')
            digits = 2 if top <= 2 else 0 if top % 4 == 0 else 1
            label = f"{value:,.{digits}f}"
            self.parts.append(text(self.x - 5, self.at_y(value) + 4, label, "end"))
        for point in xs:
            self.parts.append(text(self.at_x(point), self.y + self.height + 16, f"{point:,}"))
        for colour, (name, line) in zip(COLOURS, lines.items()):
            if line:
                self.draw(colour, name, line)

    def log(self, value):
        return math.log(value or self.zero)

    def at_x(self, value):
        return self.x + self.width * (self.log(value) - self.low) / (self.high - self.low)

    def at_y(self, value):
        return self.y + self.height * (1 - value / self.top)

    def draw(self, colour, name, line):
        points = [(self.at_x(x), *map(self.at_y, interval(y))) for x, y in sorted(line.items())]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, _, y, _ in points)
        self.parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" '
                          f'stroke-width="2"><title>{name}</title></polyline>')
        self.parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>'
                       for x, _, y, _ in points]
        self.parts += [f'<path d="M{x:.1f} {low:.1f}V{high:.1f}" stroke="{colour}"/>'
                       for x, low, _, high in points if low != high]


def legend(y, names) -> list[str]:
    parts, x = [], 30
    for colour, name in zip(COLOURS, names):
        parts.append(f'<path d="M{x} {y - 4}h18" stroke="{colour}" stroke-width="3"/>')
        parts.append(text(x + 24, y, name, "start"))
        x += 46 + 6.6 * len(name)
    return parts


def family(values: dict, name: str) -> dict[int, object]:
    """The number and the value, for names such as open_s1/64."""
    return {int(key.rpartition("/")[2]): value for key, value in values.items()
            if key.rpartition("/")[0] == name}


def nice_top(lines) -> float:
    """The next round number that no line exceeds."""
    highest = max(interval(value)[2] for line in lines.values() for value in line.values())
    scale = 10 ** math.floor(math.log10(highest))
    return next(scale * step for step in (1, 1.2, 1.6, 2, 4, 8, 10) if scale * step >= highest)


# A line has one colour in all panels.
NAMES = {"evp": "one EVP call", "openssl": "open s1, OpenSSL", "ipsec-mb": "open s1, ipsec-mb",
         "legacy": "the old format", "unread": "cookie not read"}  # fmt: skip


def times(core: dict, name: str) -> dict[int, list[float]]:
    """Nanoseconds."""
    return {number: [1000 * value for value in call["microseconds"]]
            for number, call in family(core["calls"], name).items()}


def of_aeads(results: dict, line) -> dict[str, dict]:
    return {aead: line(results["core"][aead]) for aead in AEADS if aead in results["core"]}


def kept(results: dict, name: str) -> dict[int, list[float]]:
    """Requests of those of `return 200`."""
    aead = name.partition(" ")[0]
    return {size: result["against"][f"{aead} plain"]["share"]
            for size, result in family(results["nginx"]["requests"], name).items()}


def milliseconds(line: dict) -> dict:
    return {number: [value / 1e6 for value in values] for number, values in line.items()}


def draw(results: dict) -> str:
    openssl = results["core"]["openssl"]

    def grows(name):
        return of_aeads(results, lambda core: times(core, name))

    opened = {aead: kept(results, f"{aead} open_s1") for aead in of_aeads(results, dict)}
    specified = [
        ("one token, by payload", "bytes", "ns",
         {"evp": times(openssl, "aes_256_gcm"), "legacy": times(openssl, "legacy_algorithm_open"),
          **grows("open_s1")}),
        ("nginx, by payload", "bytes", "requests of return 200",
         {"unread": kept(results, "openssl unread_s1"), "legacy": kept(results, "openssl open_legacy"),
          **opened}),
        ("64 bytes, by keys", "keys in the ring", "instructions",
         of_aeads(results, lambda core: family(core["instructions"], "open_s1_keys"))),
        ("64 bytes, by live tokens", "live tokens, 4,096 of a prefix", "ns", grows("open_s1_live")),
        ("64 bytes, by threads", "threads, on two processors", "ns", grows("open_s1_threads")),
        ("a session, by its fields", "fields of 20 bytes", "ns", grows("open_session_fields")),
        ("a session, by a revocation list", "entries of the list", "ns", grows("open_session_listed")),
        ("reading a revocation list", "entries of the list", "ms",
         {"openssl": milliseconds(times(openssl, "load_list"))}),
    ]
    panels = []
    for i, (title, x_label, y_label, lines) in enumerate(specified):
        ordered = {name: lines.get(name, {}) for name in NAMES}
        panels.append(Panel(WIDTH * (i % 2), HEIGHT * (i // 2), title, x_label, y_label, ordered,
                            1 if "return 200" in y_label else nice_top(ordered)))
    rows = (len(panels) + 1) // 2
    body = [part for panel in panels for part in panel.parts] + legend(rows * HEIGHT + 20, NAMES.values())
    return document(body, rows)


def document(body: list[str], rows: int = 2) -> str:
    """Of two panels a row, and a legend."""
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {2 * WIDTH} {rows * HEIGHT + 34}" '
        'font-family="sans-serif" font-size="11" fill="#222222">',
        '<rect width="100%" height="100%" fill="#ffffff"/>', *body, "</svg>"]) + "\n"
