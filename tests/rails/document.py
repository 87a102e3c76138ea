"""The page docs/role-matrix.md, drawn from the matrix (``python -m tests.rails.write_matrix``)."""

from collections import Counter
from pathlib import Path

from tests.rails.matrix import EDITORS_POSTS, GROUPS, ROUTES, SOCKETS, group_of, is_editors
from tests.rails.routes import known_routes
from tests.rails.world import VISITORS

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "role-matrix.md"
SHORT = {
    "dispatcher": "disp", "followup": "follow", "supervisor": "superv", "surveyor": "survey",
    "resident": "resid",
}  # fmt: skip

HEAD = """# Who gets what at which address

Written by `python -m tests.rails.write_matrix` from `tests/rails/matrix.py` after every request
below was made and answered so; do not edit. `tests/rails/test_matrix.py` makes them again in every
run, fails on an address that is not listed, and searches each answer for the marks of
`tests/rails/world.py` that its reader must not see. (In an ordinary run the visitors whom the gate
of `/cms/` refuses whatever the address take turns at Wagtail's addresses.)

Visitors: guest; resid: an account without reports; holder: typed the receipt of the *near* case;
owner: filed the *far* case from an account; the eleven roles (grid and street are of the town of
the near case, bureau is ecology); grid2, street2, bureau2: of another town, another department (the
far case is bureau2's); no_mfa: a dispatcher without a second factor; ended: a dispatcher whose post
ended yesterday.

Words: ok 2xx · go redirect inside the site · login · prove (second factor) · bad 400, 413, 415, 422
· no 403 · hidden 404 · wrong 405 · shut anything but 2xx · any anything below 500.
"""


def counts() -> dict[str, int]:
    """What one walk in the embedded world asks."""
    editors = sum(1 for known in known_routes() if is_editors(known.pattern))
    return {
        "routes": len(known_routes()),
        "declared": len(ROUTES),
        "editors": editors,
        "visitors": len(VISITORS),
        "requests": 2 * len(ROUTES) * len(VISITORS)
        + editors * (len(VISITORS) + len(EDITORS_POSTS)),
    }


def document() -> str:
    """The whole page."""
    number = counts()
    told = (
        f"**{number['routes']} routes × {number['visitors']} kinds of visitor**: {len(ROUTES)} "
        f"declared addresses by GET and POST, {number['editors']} routes of Wagtail's admin by "
        f"groups; {number['requests']:,} requests made. {len(SOCKETS)} sockets × "
        f"{number['visitors']} visitors, and 11 foreign origins each.\n"
    )
    names = [SHORT.get(name, name) for name in VISITORS]
    lines = [HEAD, told, "## Addresses\n"]
    lines.append(f"| address | | {' | '.join(names)} |")
    lines.append(f"|{'---|' * (len(VISITORS) + 2)}")
    for route in ROUTES:
        for method, expected in (("GET", route.get), ("POST", route.post)):
            if method == "POST" and set(expected.values()) == {"wrong"}:
                continue
            words = [expected[name].replace("|", "/") for name in VISITORS]
            lines.append(f"| `{route.path}` | {method} | {' | '.join(words)} |")
    lines += ["\n## Wagtail's admin\n", "Everybody else is stopped at the gate of `/cms/`.\n"]
    lines += ["| addresses below | routes | editor | surveyor | admin |", "|---|---|---|---|---|"]
    members = Counter(_group(known.pattern) for known in known_routes())
    for group in GROUPS:
        row = (group.prefix, members[group.prefix], group.editor, group.surveyor, group.admin)
        lines.append("| `/{}` | {} | {} | {} | {} |".format(*row))
    lines += ["\n## Sockets\n", "| address | who may listen |", "|---|---|"]
    for socket in SOCKETS:
        lines.append(f"| `{socket.path}` | {', '.join(sorted(socket.listeners))} |")
    return "\n".join(lines) + "\n"


def _group(pattern: str) -> str:
    return group_of(pattern).prefix if pattern.startswith("cms/") else ""
