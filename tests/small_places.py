"""The smallest real extracts, for tests that need a region but no city."""

from pathlib import Path

from brigada.regions.democity.canvas import Canvas


def write_hamlet(path: Path) -> Path:
    """A street with houses, a shop, a named place."""
    canvas = Canvas()
    nodes = [canvas.node(150.0 * n, 0.0) for n in range(6)]
    canvas.way(nodes, {"highway": "residential", "name": "Дорожная улица"})
    for n in range(8):
        tags = {"building": "house", "addr:street": "Дорожная улица", "addr:housenumber": str(n + 1)}
        x, y = 80.0 * n, 25.0 if n % 2 else -25.0
        canvas.polygon([(x, y), (x + 12, y), (x + 12, y + 10), (x, y + 10)], tags)
    canvas.node(300, 40, {"shop": "convenience", "name": "Продукты"})
    canvas.node(300, 0, {"place": "hamlet", "name": "Дорожная"})
    canvas.write(path)
    return path
