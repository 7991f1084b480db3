"""The dark theme of the page, and the rules that turn a picture which was drawn in light colours."""

from minigrad.draw.theme import LIGHT

DARK = LIGHT._replace(
    paper="#1b2129", ink="#e6eaee", grey="#aeb8c2", faint="#c3cbd3", rule="#6b7785", box="#1b2129", input="#2c343d",
    gold="#c9992a", gold_fill="#2b2514", staircase="#221f16", band="#232a33", band_rule="#38424d", positive="#ef8030",
    negative="#3f9be0", norm="#93a4bd", not_a_number="#ff6fb1", zero_line="#6b7785", pale_line="#46515d",
    current="#5c4d14", blank="#2a313a",
)


def dark_rules() -> str:
    """CSS: every light colour of the picture as its dark one"""
    rules = []
    for name, light in LIGHT._asdict().items():
        dark = getattr(DARK, name)
        for kind in ("fill", "stroke"):
            rules.append(f'[data-theme=dark] #p-frame [{kind}="{light}" i] {{ {kind}: {dark} }}')
    ink, paper = DARK.ink, DARK.paper
    return "\n".join([f"#p-frame svg {{ fill: {LIGHT.ink} }}", *dict.fromkeys(rules),
                      f"[data-theme=dark] #p-frame svg {{ fill: {ink} }}",
                      f"[data-theme=dark] #p-frame {{ background: {paper} }}"])
