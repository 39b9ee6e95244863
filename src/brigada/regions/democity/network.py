"""Makes the drawn streets one network: no islands, and no one-way street that traps who enters it."""

from itertools import pairwise

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from brigada.regions.democity.canvas import Canvas
from brigada.regions.democity.plan import Street


def join(streets: list[Street], size: int) -> list[Street]:
    """Drop pieces that no road reaches, then open one-way streets until every corner reaches every other."""
    main = _largest(streets, size, directed=False)
    for street in streets:
        street.chains = [chain for chain in street.chains if main[chain[0]]]
    streets = [street for street in streets if street.chains]
    for _ in range(len(streets)):
        strong = _largest(streets, size, directed=True)
        trapped = [s for s in streets if s.oneway and not all(strong[n] for c in s.chains for n in c)]
        if not trapped:
            break
        for street in trapped:
            if street.extra.get("junction") != "roundabout":
                street.oneway = False
    return streets


def _largest(
    streets: list[Street], size: int, *, directed: bool
) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    heads: list[int] = []
    tails: list[int] = []
    for street in streets:
        for chain in street.chains:
            heads += chain[:-1]
            tails += chain[1:]
            if not street.oneway:
                heads += chain[1:]
                tails += chain[:-1]
    graph = coo_array((np.ones(len(heads), np.int8), (heads, tails)), shape=(size + 1, size + 1))
    _, label = connected_components(graph, directed=directed, connection="strong")
    used = np.unique(np.array(heads + tails))
    names, counts = np.unique(label[used], return_counts=True)
    return np.asarray(label == names[counts.argmax()])


def draw(streets: list[Street], canvas: Canvas) -> None:
    """Write the streets as ways, split at the ends of bridges, with traffic lights and turn restrictions."""
    ends: dict[tuple[str, int], int] = {}
    for street in streets:
        for chain in street.chains:
            for nodes, bridge in _runs(street, chain):
                way = canvas.way(nodes, _tags(street, bridge=bridge))
                ends[street.name, nodes[0]] = way
                ends[street.name, nodes[-1]] = way
    _lights(streets, canvas)
    _no_left_turns(streets, canvas)


def _runs(street: Street, chain: list[int]) -> list[tuple[list[int], bool]]:
    runs: list[tuple[list[int], bool]] = []
    for a, b in pairwise(chain):
        bridge = (a, b) in street.bridges
        if runs and runs[-1][1] == bridge:
            runs[-1][0].append(b)
        else:
            runs.append(([a, b], bridge))
    return runs


def _tags(street: Street, *, bridge: bool) -> dict[str, str]:
    tags = {"highway": street.highway, "maxspeed": str(street.maxspeed), "surface": "asphalt", **street.extra}
    if street.name:
        tags["name"] = street.name
    if street.lanes > 2:
        tags["lanes"] = str(street.lanes)
    if street.oneway:
        tags["oneway"] = "yes"
    if bridge:
        tags |= {"bridge": "yes", "layer": "1"}
    return tags


def _lights(streets: list[Street], canvas: Canvas) -> None:
    """Traffic lights where two streets of consequence meet."""
    big = {"trunk", "primary", "secondary", "tertiary"}
    meeting: dict[int, set[str]] = {}
    for street in streets:
        if street.highway in big:
            for chain in street.chains:
                for node in chain:
                    meeting.setdefault(node, set()).add(street.name)
    for node in sorted(node for node, who in meeting.items() if len(who) > 1):
        canvas.node_tags.setdefault(node, {})["highway"] = "traffic_signals"


def _no_left_turns(streets: list[Street], canvas: Canvas) -> None:
    """From an avenue, driving outwards, no left turn onto the boulevard; their ways meet by their ends."""
    outward = {chain[-1]: s for s in streets if s.highway == "primary" for chain in s.chains}
    ways_from = {
        nodes[0]: n for n, (nodes, tags) in enumerate(canvas.ways, 1) if tags.get("highway") == "secondary"
    }
    ways_to = {
        nodes[-1]: n for n, (nodes, tags) in enumerate(canvas.ways, 1) if tags.get("highway") == "primary"
    }
    for via in sorted(outward.keys() & ways_from.keys() & ways_to.keys()):
        members = [("w", ways_to[via], "from"), ("n", via, "via"), ("w", ways_from[via], "to")]
        canvas.relation(members, {"type": "restriction", "restriction": "no_left_turn"})
