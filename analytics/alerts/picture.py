"""A rise as a picture for a mail: bars for the clicks of each hour, a line for what was usual.

There are numbers in it and no words: those are beside it, in any script.
"""

from __future__ import annotations

import io
from math import ceil, log10

from django.utils import timezone
from PIL import Image, ImageDraw, ImageFont

from analytics.alerts.course import Course
from analytics.dashboard.tables import number

WIDTH, HEIGHT = 1200, 480
"""Pixels; shown half as large, so that it is sharp on a phone."""
LEFT, RIGHT, TOP, BOTTOM = 90, 16, 24, 64
"""The margins."""
GAP = 4
FONT = 24
EVERY = 6
"""Hours from one that is written below to the next."""
BACKGROUND, BAR, LATEST, USUAL = "#ffffff", "#b79ad6", "#5d2e8c", "#8a5a00"
GRID, INK = "#e8e3ee", "#4a4354"


def draw(course: Course) -> bytes:
    """Return the picture as PNG; its hours are those of the current time zone."""
    image = Image.new("RGB", (WIDTH, HEIGHT), BACKGROUND)
    pen = ImageDraw.Draw(image)
    font = ImageFont.load_default(FONT)
    step = _step(max(*course.clicks, *course.usual, 4))
    top = step * 4
    for line in range(5):
        y = _y(line * step, top)
        pen.line((LEFT, y, WIDTH - RIGHT, y), fill=GRID, width=2)
        pen.text((LEFT - 12, y), number(line * step), fill=INK, font=font, anchor="rm")
    wide = (WIDTH - LEFT - RIGHT) / len(course.clicks)
    line_of_usual = []
    for place, (moment, clicks, usual) in enumerate(course.hours):
        x = LEFT + place * wide
        is_latest = place == len(course.clicks) - 1
        if clicks:
            box = (x + GAP / 2, _y(clicks, top), x + wide - GAP / 2, _y(0, top))
            pen.rectangle(box, fill=LATEST if is_latest else BAR)
        line_of_usual += [(x, _y(usual, top)), (x + wide, _y(usual, top))]
        local = timezone.localtime(moment)
        if local.hour % EVERY == 0:
            text = f"{local:%H:%M}"
            pen.line((x, _y(0, top), x, _y(0, top) + 8), fill=INK, width=2)
            pen.text((x, _y(0, top) + 14), text, fill=INK, font=font, anchor="ma")
    pen.line(line_of_usual, fill=USUAL, width=4, joint="curve")
    file = io.BytesIO()
    image.quantize(32).save(file, "PNG", optimize=True)
    return file.getvalue()


def _y(value: float, top: float) -> float:
    return HEIGHT - BOTTOM - value / top * (HEIGHT - BOTTOM - TOP)


def _step(most: float) -> int:
    """Return a round number of which four are enough: 1, 2 or 5, with zeros behind."""
    quarter = most / 4
    power = int(10 ** int(log10(max(1, quarter))))
    return next(times * power for times in (1, 2, 5, 10) if ceil(quarter) <= times * power)
