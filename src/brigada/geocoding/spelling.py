"""Words as dispatchers type them, made comparable: case, ё, abbreviations, endings, the other layout."""

import re
import unicodedata

from rapidfuzz.distance import OSA

from brigada.geocoding.numerals import digits_for_words

TYPES = {
    "улица": ("ул", "улицa", "у", "street", "str", "st"),
    "проспект": ("пр-т", "пр-кт", "просп", "пр-к", "прт", "проспкт", "avenue", "ave", "prospect"),
    "проезд": ("пр-д", "прд", "проезд"),
    "переулок": ("пер", "пер-к", "переул", "п-к", "lane"),
    "набережная": ("наб", "набер", "embankment"),
    "площадь": ("пл", "площ", "пл-дь", "square"),
    "бульвар": ("б-р", "бул", "бульв", "бр", "boulevard"),
    "шоссе": ("ш", "шос", "highway"),
    "аллея": ("ал", "алл"),
    "тупик": ("туп", "т-к"),
    "микрорайон": ("мкр", "мкрн", "мкр-н", "м-н", "микр"),
    "квартал": ("кв-л",),
    "кольцо": ("кольцо",),
    "дорога": ("дор", "дорога", "road", "rd"),
    "тракт": ("тракт", "тр-т"),
    "линия": ("лин",),
    "деревня": ("дер", "д-ня"),
    "посёлок": ("пос", "п", "пгт", "поселок"),
    "село": ("село",),
    "снт": ("снт", "садоводство", "дачи"),
    "strasse": ("straße", "strasse", "gasse", "weg"),
}
"""Kinds of streets and settlements, and how they are shortened."""

# "пр" stands for two kinds; it must not count against either.
AMBIGUOUS_TYPES = {"пр": ("проспект", "проезд")}

_ABBREVIATIONS = {
    short: full.replace("ё", "е") for full, shorts in TYPES.items() for short in (full, *shorts)
}
TYPE_WORDS = frozenset(name.replace("ё", "е") for name in TYPES)

# Words that say nothing about which address it is.
STOP_WORDS = frozenset(
    {
        "г", "гор", "город", "по", "на", "у", "в", "во", "возле", "около", "напротив", "рядом",
        "за", "близ", "адрес", "адресу", "россия", "рф", "обл", "область", "район", "р-н", "рн",
        "им", "имени", "это", "там", "где", "дом", "the", "of", "near", "at", "in", "on",
    }
)  # fmt: skip

# Ranks and callings before a surname: typed or left out at will, on the map or not.
RANKS = frozenset(
    {
        "академика", "маршала", "генерала", "адмирала", "полковника", "капитана", "майора", "лейтенанта",
        "сержанта", "комиссара", "комдива", "героя", "космонавта", "летчика", "летчиков", "партизана",
        "профессора", "доктора", "врача", "инженера", "конструктора", "архитектора", "художника",
        "писателя", "поэта", "композитора", "князя", "императора", "святого", "имени", "братьев",
    }
)  # fmt: skip

SHORT_INSTITUTIONS = {"пл": "платформа", "ст": "станция", "ост": "остановка"}
"""Abbreviations that may mean a kind of street or a stop of a train or a bus."""

# What people call institutions, by OSM's tag.
CATEGORY_WORDS = {
    "amenity=hospital": "больница госпиталь стационар клиника",
    "emergency=ambulance_station": "подстанция скорая скорой помощи станция",
    "amenity=clinic": "поликлиника клиника амбулатория",
    "amenity=doctors": "врач поликлиника",
    "amenity=school": "школа",
    "amenity=kindergarten": "детский сад детсад садик",
    "amenity=university": "университет институт академия вуз",
    "amenity=college": "колледж техникум",
    "amenity=pharmacy": "аптека",
    "amenity=police": "полиция милиция отдел участок",
    "amenity=fire_station": "пожарная часть пожарка пожарные",
    "amenity=theatre": "театр",
    "amenity=cinema": "кинотеатр кино",
    "amenity=townhall": "администрация мэрия",
    "amenity=library": "библиотека",
    "amenity=post_office": "почта отделение",
    "amenity=cafe": "кафе",
    "amenity=restaurant": "ресторан",
    "amenity=bank": "банк",
    "amenity=fuel": "азс заправка бензоколонка",
    "amenity=place_of_worship": "церковь храм собор",
    "amenity=nursing_home": "интернат",
    "shop=mall": "тц трц трк торговый центр молл",
    "shop=supermarket": "магазин супермаркет универсам",
    "shop=convenience": "магазин продукты",
    "tourism=hotel": "гостиница отель",
    "leisure=sports_centre": "спорткомплекс фок",
    "leisure=stadium": "стадион",
    "railway=station": "вокзал жд станция",
    "railway=halt": "платформа станция",
    "leisure=park": "парк сквер сад",
    "landuse=cemetery": "кладбище",
    "amenity=grave_yard": "кладбище",
    "aeroway=aerodrome": "аэропорт аэродром",
    "aeroway=terminal": "аэропорт терминал",
    "amenity=marketplace": "рынок базар",
    "amenity=bus_station": "автовокзал автостанция",
    "amenity=ferry_terminal": "причал пристань",
    "amenity=prison": "колония сизо тюрьма",
    "amenity=social_facility": "интернат",
    "amenity=dentist": "стоматология",
    "natural=beach": "пляж",
    "leisure=swimming_pool": "бассейн",
    "man_made=works": "завод фабрика комбинат",
    "landuse=industrial": "завод фабрика промзона",
    "highway=bus_stop": "остановка ост",
}

NAMES_BY_KIND = frozenset({"набережная", "площадь", "линия", "дорога", "кольцо", "аллея"})
"""Kinds that are often the whole name: `Набережная улица`."""

_LONG_TYPES = ("улица", "проспект", "проезд", "переулок", "набережная", "площадь", "бульвар", "шоссе", "аллея",
               "тупик", "микрорайон", "поселок", "деревня")  # fmt: skip

NICKNAMES = {
    ("родильный", "дом"): "роддом",
    ("детский", "сад"): "детсад",
    ("военный", "комиссариат"): "военкомат",
    ("универсальный", "магазин"): "универмаг",
    ("дом", "культуры"): "дк",
    ("железнодорожный", "вокзал"): "жд",
}
"""Words that stand together in a name, and what people say instead."""

_QWERTY = "`qwertyuiop[]asdfghjkl;'zxcvbnm,./"
_JCUKEN = "ёйцукенгшщзхъфывапролджэячсмитьбю."
_TO_RUSSIAN = str.maketrans(_QWERTY + _QWERTY.upper(), _JCUKEN + _JCUKEN.upper())
_TO_LATIN = str.maketrans(_JCUKEN[:-1], _QWERTY[:-1])

# Longest first. Russian names in Latin letters by any of the usual tables, and by ear.
_LETTERS = (
    ("shch", "щ"), ("sch", "щ"), ("yo", "е"), ("jo", "е"), ("zh", "ж"), ("kh", "х"), ("ts", "ц"),
    ("tz", "ц"), ("ch", "ч"), ("sh", "ш"), ("yu", "ю"), ("ju", "ю"), ("iu", "ю"), ("ya", "я"),
    ("ja", "я"), ("ia", "я"), ("ye", "е"), ("je", "е"), ("iy", "ий"), ("yy", "ый"), ("ij", "ий"),
    ("yj", "ый"), ("ck", "к"), ("ph", "ф"), ("a", "а"), ("b", "б"), ("v", "в"), ("g", "г"),
    ("d", "д"), ("e", "е"), ("z", "з"), ("i", "и"), ("j", "й"), ("k", "к"), ("l", "л"), ("m", "м"),
    ("n", "н"), ("o", "о"), ("p", "п"), ("r", "р"), ("s", "с"), ("t", "т"), ("u", "у"), ("f", "ф"),
    ("h", "х"), ("c", "ц"), ("y", "ы"), ("x", "кс"), ("w", "в"), ("q", "к"), ("'", "ь"),
)  # fmt: skip
_LATIN_GROUP = re.compile("|".join(re.escape(latin) for latin, _ in _LETTERS))
_BY_LATIN = dict(_LETTERS)

_VOWELS = "аеиоуыэюя"
_ENDINGS = re.compile(
    r"(?:ого|его|ому|ему|ыми|ими|ая|яя|ой|ей|ую|юю|ый|ий|ое|ее|ые|ие|ых|их|ом|ем|ам|ах|ов|ев|ою|ею|"
    r"а|я|о|е|ы|и|у|ю|ь|й)$"
)

_JUNK = re.compile(r"[«»\"“”„()\[\]{}!?*_|]+")
_DASHES = re.compile(r"[‐-―−]")


def fold(text: str) -> str:
    """Lower case, ё as е, accents of Latin letters off, typographic signs as plain ones."""
    text = unicodedata.normalize("NFC", text).lower().replace("ё", "е").replace("№", " ")
    if not text.isascii():
        text = "".join(_plain_letter(c) for c in text)
    return digits_for_words(_JUNK.sub(" ", _DASHES.sub("-", text)).replace("’", "'"))


def _plain_letter(letter: str) -> str:
    if letter == "ß":
        return "ss"
    if letter.isalpha() and not "а" <= letter <= "я" and not letter.isascii():
        return unicodedata.normalize("NFD", letter)[0]
    return letter


def type_of(word: str) -> tuple[str, ...]:
    """The kinds of street that a word stands for, none for other words."""
    if word in AMBIGUOUS_TYPES:
        return AMBIGUOUS_TYPES[word]
    full = _ABBREVIATIONS.get(word)
    return (full,) if full else ()


def type_as_typed(word: str) -> tuple[str, ...]:
    """As `type_of`, and with endings and slips: `на проспекте`, `прошпект`."""
    kinds = type_of(word)
    if not kinds and "-" in word:
        return tuple(full for full in _LONG_TYPES if is_contraction(word, full))[:1]
    if kinds or len(word) < 5:
        return kinds
    for full in _LONG_TYPES:
        if stem(word) == stem(full) or (len(word) > 5 and OSA.distance(word, full, score_cutoff=1) <= 1):
            return (full,)
    return ()


def is_contraction(short: str, full: str) -> bool:
    """Whether `short` is `full` with its middle left out, as in `пр-зд`, `пол-ка`, `кр-армейская`."""
    start, _, end = short.partition("-")
    return (
        bool(start and end)
        and len(start) + len(end) < len(full)
        and full.startswith(start)
        and full.endswith(end)
    )


def stem(word: str) -> str:
    """The word without its ending, so that `на Садовой` finds `Садовая`; short words stay whole."""
    if len(word) < 5 or word.isascii():
        return word
    short = _ENDINGS.sub("", word)
    return short if len(short) >= 3 else word


def other_layout(text: str) -> str:
    """What the same keys give in the other keyboard layout."""
    if any("а" <= c <= "я" for c in text.lower().replace("ё", "е")):
        return text.lower().translate(_TO_LATIN)
    return text.translate(_TO_RUSSIAN)


def to_cyrillic(text: str) -> str:
    """Russian written in Latin letters, back in Cyrillic as well as it can be guessed."""
    words = []
    for word in text.lower().split():
        plain = _LATIN_GROUP.sub(lambda found: _BY_LATIN[found[0]], word)
        # y after a vowel or at a word's end after one is й; elsewhere ы; "-sky" is an adjective's end
        plain = re.sub(rf"(?<=[{_VOWELS}])ы(?=$|[^{_VOWELS}])", "й", plain)
        plain = re.sub(r"(?<=[гкх])ы$", "ий", plain)
        words.append(plain)
    return " ".join(words)


def has_latin(text: str) -> bool:
    return any("a" <= c <= "z" for c in text.lower())


def has_cyrillic(text: str) -> bool:
    return any("а" <= c <= "я" for c in text.lower())
