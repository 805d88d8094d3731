# SPDX-License-Identifier: Apache-2.0
"""Draws docs/performance.svg from docs/performance.json: how cost grows with the payload, with the
keys of the ring, with the prefixes in use; and what nginx keeps of its requests."""

import json
import math
from pathlib import Path

DOCS = Path(__file__).resolve().parents[1] / "docs"
COLOURS = ("#555555", "#0b62a4", "#d0661b", "#2a8a3a", "#9b2d86")
WIDTH, HEIGHT, MARGIN = 330, 250, 52  # of a panel, and left of and below its axes


def text(x, y, content, anchor="middle", extra="") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {extra}>{content}</text>'


class Panel:
    """Lines over logarithmic x, with y from 0."""

    def __init__(self, x, y, title, x_label, y_label, lines: dict[str, dict[int, float]], top):
        self.x, self.y, self.top = x + MARGIN, y + 30, top
        self.width, self.height = WIDTH - MARGIN - 20, HEIGHT - MARGIN - 30
        xs = sorted({point for line in lines.values() for point in line})
        self.low, self.high = math.log(xs[0]), math.log(xs[-1])
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

    def at_x(self, value):
        return self.x + self.width * (math.log(value) - self.low) / (self.high - self.low)

    def at_y(self, value):
        return self.y + self.height * (1 - value / self.top)

    def draw(self, colour, name, line):
        points = [(self.at_x(x), self.at_y(y)) for x, y in sorted(line.items())]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self.parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" '
                          f'stroke-width="2"><title>{name}</title></polyline>')
        self.parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>'
                       for x, y in points]


def legend(y, names) -> list[str]:
    parts, x = [], 30
    for colour, name in zip(COLOURS, names):
        parts.append(f'<path d="M{x} {y - 4}h18" stroke="{colour}" stroke-width="3"/>')
        parts.append(text(x + 24, y, name, "start"))
        x += 46 + 6.6 * len(name)
    return parts


def family(values: dict, name: str) -> dict[int, float]:
    """The number and the value, for names such as open_s1/64 and open_s1_keys/keys:10."""
    return {int(key.rpartition("/")[2].rpartition(":")[2]): value for key, value in values.items()
            if key.rpartition("/")[0] == name}


def nice_top(lines) -> float:
    """The next round number that no line exceeds."""
    highest = max(value for line in lines.values() for value in line.values())
    scale = 10 ** math.floor(math.log10(highest))
    return next(scale * step for step in (1, 1.2, 1.6, 2, 4, 8, 10) if scale * step >= highest)


def draw(results: dict) -> str:
    core = results["core"]["nanoseconds"]
    requests = results["nginx"]["requests"]
    of_payload = {name: family(core, name) for name in
                  ("aes_256_gcm", "seal_s1", "open_s1", "legacy_algorithm")}
    of_ring = {"open_s1": family(core, "open_s1_keys")}
    of_prefixes = {"open_s1": family(core, "open_s1_prefixes")}
    kept = {name: {size: 1 / result["against"]["return 200"]["cpu"]
                   for size, result in family(requests, name).items()}
            for name in ("unread", "seal_s1", "open_s1", "open_legacy")}
    same = nice_top(of_prefixes)

    # A line has one colour in all panels.
    order = ["aes_256_gcm", "seal_s1", "open_s1", "legacy_algorithm", "unread"]
    names = ["AES-256-GCM alone", "seal s1", "open s1", "the old format", "cookie not read"]

    def coloured(lines):
        lines = {("legacy_algorithm" if name == "open_legacy" else name): line
                 for name, line in lines.items()}
        return {name: lines.get(name, {}) for name in order}

    panels = [
        Panel(0, 0, "one token, by payload", "bytes", "ns", coloured(of_payload),
              nice_top(of_payload)),
        Panel(WIDTH, 0, "nginx, by payload", "bytes", "requests of return 200", coloured(kept), 1),
        Panel(0, HEIGHT, "opening 64 bytes, by keys", "keys in the ring", "ns", coloured(of_ring),
              same),
        Panel(WIDTH, HEIGHT, "opening 64 bytes, by prefixes", "distinct prefixes in turn", "ns",
              coloured(of_prefixes), same)]
    body = [part for panel in panels for part in panel.parts] + legend(2 * HEIGHT + 20, names)
    return document(body)


def document(body: list[str]) -> str:
    """Of four panels and a legend."""
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {2 * WIDTH} {2 * HEIGHT + 34}" '
        'font-family="sans-serif" font-size="11" fill="#222222">',
        '<rect width="100%" height="100%" fill="#ffffff"/>', *body, "</svg>"]) + "\n"


if __name__ == "__main__":
    results = json.loads((DOCS / "performance.json").read_text())
    (DOCS / "performance.svg").write_text(draw(results))
