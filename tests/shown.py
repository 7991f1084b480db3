"""What an SVG of the lecture's network shows, read from its texts, and what memory holds."""

import json
import unicodedata
from xml.etree import ElementTree

SVG = "{http://www.w3.org/2000/svg}"
# an expression for a debugger, in any frame of a program that has `loss` and `unrolled`: every name and its .grad
HELD = (
    '__import__("json").dumps({name: value.grad for value, name in __import__("minigrad.snapshot").snapshot.Snapshot('
    '__import__("__main__").loss, [__import__("__main__").unrolled]).name.items()})'
)
NAMES = {"wi", "wh", "wo", "o0", "s", "ŷ", "L"} | {
    name for t in (1, 2, 3) for name in (f"x{t}·wi", f"o{t - 1}·wh", f"z{t}", f"o{t}")}


def plain(name: str) -> str:
    """o₂, and an o with a true subscript 2, as o2; w_h as wh"""
    return "".join(unicodedata.normalize("NFKC", name).replace("_", "").split())


def gradients_shown(svg: str) -> dict[str, str]:
    """{name: its gradient as it is written, "" where there is none or 0} of every Value with a box of its own"""
    found: dict[str, str] = {}
    for group in ElementTree.fromstring(svg).iter(f"{SVG}g"):
        kind = group.get("class", "").split()
        if "v" in kind:
            texts = [plain("".join(text.itertext())).strip() for text in group.iter(f"{SVG}text")]
            texts = [text for text in texts if text]
            if "bar" in kind:                         # name, number, ∂L/∂w, gradient, =, …
                there = texts[2].startswith("∂L") or texts[2].endswith(".grad")
                found[texts[0]] = texts[3] if there and texts[3] != "=" else ""
            elif texts[0] in NAMES:                   # name, operation if it has one, number, gradient
                known = 2 if texts[0] in ("wo", "o0") else 3
                found[texts[0]] = "".join(texts[known:])
    return {name: "" if gradient == "0" else gradient for name, gradient in found.items()}


def gradients_held(held: str) -> dict[str, str]:
    """The same from what HELD gives: to 4 digits, with a sign; "" where it is 0"""
    gradients = {plain(name): gradient for name, gradient in json.loads(held).items()}
    return {name: f"{gradients[name]:+.4g}".replace("-", "−") if gradients[name] else "" for name in NAMES}
