"""The tracker's address as a QR code: the same picture that an encoder of others makes."""

from __future__ import annotations

from browser.service import Town
from browser.windows import Open

ROWS = """async () => {
  const path = document.querySelector('script[type=module]').src.replace('main.js', 'core/qr.js');
  const { qrRows } = await import(path);
  return qrRows('https://b.test/1').map(row => parseInt(row.map(Number).join(''), 2));
}"""
# Version 2, level M, as the library `qrcode` of PyPI draws it with the same mask; each row is a binary number.
# fmt: off
EXPECTED = [
    33390207, 17165889, 24468573, 24438621, 24480349, 17099841, 33379711, 9216, 20954775,
    3241758, 32311049, 17426063, 33025377, 33067666, 31377375, 22223981, 24425462, 123670,
    33414481, 17132305, 24456177, 24468163, 24439455, 17103479, 33372489,
]
# fmt: on


def test_a_code_to_scan_is_the_one_that_readers_know(town: Town, window: Open) -> None:
    assert window().evaluate(ROWS) == EXPECTED
