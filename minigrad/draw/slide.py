"""How a picture is set: the digits of its numbers, its legend, and for a slide its format and its smallest type."""

from minigrad.draw.options import Options
from minigrad.draw.picture import Cell, Picture, Point, Text

SLIDES = {"16:9": (960, 540), "4:3": (720, 540), "wide": (1260, 540)}          # in points; 13.33 × 7.5 inches
LETTER = 5.6                                          # the width of one in a legend, in points
SMALLEST = 11                                         # the type on a slide, in points
MARGIN = 10.8                                         # that Graphviz adds on each side


def styled(picture: Picture, options: Options) -> Picture:
    """The picture as its options ask for it"""

    def text(text: Text) -> Text:
        size = max(text.size, SMALLEST) if options.aspect and text.size else text.size
        return text._replace(digits=options.digits or text.digits, room=0 if options.digits else text.room, size=size)

    def cell(cell: Cell) -> Cell:
        return cell._replace(texts=tuple(map(text, cell.texts)))

    if options.digits or options.aspect:
        picture = picture.change(cell, lambda box: {}, lambda arrow: {})
    legends = picture.legends if options.legend else ()
    picture = picture._replace(legends=legends, direction=options.direction, slide=SLIDES.get(options.aspect or ""))
    return picture._replace(corners=around(picture)) if picture.pinned and not picture.corners else picture


def around(picture: Picture) -> tuple[Point, ...]:
    """The corners of a slide around what is pinned"""
    places = [box.at for box in picture.boxes if box.at]
    for legend in picture.legends:
        if legend.at:                                 # a corner in it would keep arrows from going around boxes
            (x, y), half = legend.at, LETTER / 2 * sum([len(words) + 2 for words in legend.words])
            places += [(x - half, y), (x + half, y)]
    (left, right), (bottom, top) = [(min(along), max(along)) for along in zip(*places)]
    return corners(left - 44, bottom - 28, right + 44, top + 34, picture.slide)


def corners(left: float, bottom: float, right: float, top: float, slide: Point | None) -> tuple[Point, ...]:
    """Two opposite corners of the smallest frame of a slide's format around a rectangle; none without a slide"""
    if not slide:
        return ()
    width, height = right - left + 2 * MARGIN, top - bottom + 2 * MARGIN
    ratio = slide[0] / slide[1]
    more_x, more_y = max(height * ratio - width, 0) / 2, max(width / ratio - height, 0) / 2
    return (left - more_x, top + more_y), (right + more_x, bottom - more_y)
