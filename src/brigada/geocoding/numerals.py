"""Numbers written as words: `первая линия`, `сорок лет Победы`, `шестидесятилетия Октября`."""

import re

_UNITS = ("один", "два", "три", "четыре", "пять", "шесть", "семь", "восемь", "девять")
_TEENS = (
    "десять", "одиннадцать", "двенадцать", "тринадцать", "четырнадцать", "пятнадцать", "шестнадцать",
    "семнадцать", "восемнадцать", "девятнадцать",
)  # fmt: skip
_TENS = ("двадцать", "тридцать", "сорок", "пятьдесят", "шестьдесят", "семьдесят", "восемьдесят", "девяносто")
_ORDINALS = ("перв", "втор", "трет", "четверт", "пят", "шест", "седьм", "восьм", "девят", "десят")
_GENITIVES = {
    "десяти": 10, "двадцати": 20, "тридцати": 30, "сорока": 40, "пятидесяти": 50, "шестидесяти": 60,
    "семидесяти": 70, "восьмидесяти": 80, "девяносто": 90, "сто": 100,
}  # fmt: skip

_VALUES = (
    {word: value for value, word in enumerate(_UNITS, start=1)}
    | {word: value for value, word in enumerate(_TEENS, start=10)}
    | {word: 10 * value for value, word in enumerate(_TENS, start=2)}
    | {"одна": 1, "две": 2, "сто": 100}
)

# `ый`, `ая`, `ого` of `первый`; the soft ones are those of `третий`, `третья`.
_ENDING = r"(?:ый|ой|ая|ую|ое|ого|ому|ом|ым|ые|ых|ий|ья|ью|ье|ьего|ьей|ьему|ьем)"
_ORDINAL = re.compile(rf"\b({'|'.join(_ORDINALS)}){_ENDING}\b")
_ANNIVERSARY = re.compile(rf"\b({'|'.join(_GENITIVES)})(?=лети[яеюй])")
_CARDINAL = re.compile(
    rf"\b(?:({'|'.join(_TENS)})\s+({'|'.join(_UNITS)}|одна|две)|({'|'.join(sorted(_VALUES, key=len, reverse=True))}))\b"
)


def digits_for_words(text: str) -> str:
    """The text, in small letters and with е for ё, with its number words as digits; the rest stays."""
    text = _ORDINAL.sub(lambda m: str(_ORDINALS.index(m[1]) + 1), text)
    text = _ANNIVERSARY.sub(lambda m: f"{_GENITIVES[m[1]]} ", text)
    return _CARDINAL.sub(lambda m: str(_VALUES[m[3]] if m[3] else _VALUES[m[1]] + _VALUES[m[2]]), text)
