#!/usr/bin/env python3
"""Draws what `gitops demo` prints as an SVG picture that scrolls: docs/demo.svg.

    cargo run --release --bin gitops -- demo --color always | scripts/demo_cast.py > docs/demo.svg

Reads the coloured text on standard input. Python 3 standard library only.
"""
import html
import re
import sys

COLUMNS, ROWS, LINE, CHARACTER = 132, 30, 17, 7.3
SECONDS_PER_LINE = 0.45
COLOURS = {"31": "#f87171", "32": "#4ade80", "33": "#fbbf24", "36": "#22d3ee"}


def spans(line):
    """Splits a line at its escape sequences into (text, css)."""
    colour, weight, opacity = "", "", ""
    for part in re.split(r"(\x1b\[[0-9;]*m)", line):
        codes = re.match(r"\x1b\[([0-9;]*)m", part)
        if not codes:
            if part:
                yield part, colour + weight + opacity
            continue
        for code in (codes.group(1) or "0").split(";"):
            if code == "0":
                colour, weight, opacity = "", "", ""
            elif code == "1":
                weight = "font-weight:bold;"
            elif code == "2":
                opacity = "opacity:.6;"
            elif code in COLOURS:
                colour = "fill:%s;" % COLOURS[code]


def cut(line):
    """The first COLUMNS characters of a line, escape sequences not counted."""
    width, out = 0, []
    for part in re.split(r"(\x1b\[[0-9;]*m)", line):
        if part.startswith("\x1b"):
            out.append(part)
        else:
            out.append(part[: max(0, COLUMNS - width)])
            width += len(part)
    return "".join(out)


def main():
    lines = [cut(line) for line in sys.stdin.read().split("\n")]
    while lines and not lines[-1]:
        lines.pop()
    width, height = int(COLUMNS * CHARACTER) + 24, ROWS * LINE + 24
    steps = max(0, len(lines) - ROWS)
    seconds = max(1.0, steps * SECONDS_PER_LINE)
    print('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img" '
          'aria-label="What gitops demo prints">' % (width, height))
    print("<style>text{font:12px ui-monospace,Menlo,Consolas,monospace;fill:#e5e7eb;white-space:pre}"
          "@keyframes s{to{transform:translateY(-%dpx)}}"
          ".s{animation:s %.1fs steps(%d) 1s infinite}"
          "@media (prefers-reduced-motion:reduce){.s{animation:none}}</style>" % (steps * LINE, seconds, max(1, steps)))
    print('<rect width="%d" height="%d" rx="8" fill="#111827"/>' % (width, height))
    print('<svg x="12" y="12" width="%d" height="%d"><g class="s">' % (width - 24, height - 24))
    for number, line in enumerate(lines):
        body = "".join('<tspan style="%s">%s</tspan>' % (css, html.escape(text)) if css else html.escape(text)
                       for text, css in spans(line))
        if body:
            print('<text y="%d" xml:space="preserve">%s</text>' % (number * LINE + 12, body))
    print("</g></svg></svg>")


if __name__ == "__main__":
    main()
