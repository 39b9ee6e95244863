"""What was played on a page."""

from __future__ import annotations

from playwright.sync_api import Page

_PLAYED = """async () => {
  const path = document.querySelector('script[type=module]').src.replace('main.js', 'core/sound.js');
  const { sound } = await import(path);
  return sound.played;
}"""


def played(page: Page) -> dict[str, int]:
    """How often each sound was played since the page was opened."""
    counts: dict[str, int] = page.evaluate(_PLAYED)
    return counts
