"""Pictures of computation graphs, drawn by Graphviz.

    draw(loss).save("graph.svg")                      # any graph of Values
    draw(loss, unrolled).save("unrolled.svg")         # an RNN over time
    draw(loss, [encoder, decoder]).save("both.svg")   # a network of several
    walkthrough(loss, unrolled).save("bptt.html")     # a page whose numbers people move, and that plays both passes
    animation(loss, unrolled).save("bptt.svg")        # a picture that plays the backward pass, without a script
    frames(loss, unrolled, "frames")                  # the scenes of both as single pictures, for slides
    with follow(loss, unrolled, "now.svg"): …         # a file that shows what memory holds while a debugger steps
"""

from minigrad.draw.drawing import Drawing, draw
from minigrad.draw.engines import DrawingError
from minigrad.draw.film import Animation, animation
from minigrad.draw.page.document import Walkthrough, walkthrough
from minigrad.draw.scenes import frames
from minigrad.draw.watching import follow, watch

__all__ = ["Animation", "Drawing", "DrawingError", "Walkthrough", "animation", "draw", "follow", "frames",
           "walkthrough", "watch"]
