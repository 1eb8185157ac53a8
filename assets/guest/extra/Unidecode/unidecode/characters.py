"""The characters whose text differs between Unidecode and text_unidecode."""

CHARACTERS = {
    "¼": " 1/4", "½": " 1/2", "¾": " 3/4",
    "Ŋ": "NG", "ŋ": "ng", "ẞ": "SS",
    "Є": "Ie", "Ъ": "'", "ъ": "'",
    "א": "A", "ח": "H", "ט": "T", "ך": "KH", "כ": "KH", "ץ": "TS", "צ": "TS", "ק": "k", "ש": "SH", "־": "-",
    # kana by Hepburn's system
    "し": "shi", "ち": "chi", "っ": "tsu", "つ": "tsu", "シ": "shi", "チ": "chi", "ッ": "tsu", "ツ": "tsu", "・": "*", "ー": "-", "゠": "=",
    # money
    "₰": "Pf", "₱": "P", "₲": "G", "₳": "A", "₴": "UAH", "₵": "C|", "₸": "T", "₹": "Rs", "₺": "L", "₽": "R",
    # signs
    "™": "(tm)", "℠": "(sm)", "℗": "(p)", "№": "No. ", "℃": "degC", "℉": "degF", "℀": " a/c ", "℁": " a/s ", "℅": " c/o ", "℆": " c/u ",
    "℡": "TEL", "⁇": "??", "⁎": "*", "⁒": "%", "⁓": "~",
    "\N{MINUS SIGN}": "-", "\N{DIVISION SLASH}": "/", "\N{SET MINUS}": "\\", "\N{ASTERISK OPERATOR}": "*", "\N{DIVIDES}": "|", "\N{RATIO}": ":",
    "\N{TILDE OPERATOR}": "~", "≤": "<=", "≥": ">=", "≦": "<=", "≧": ">=",
    "♠": "spades", "♡": "hearts", "♢": "diamonds", "♣": "clubs", "♤": "spades", "♥": "hearts", "♦": "diamonds", "♧": "clubs", "♯": "#",
    "❝": '"', "❞": '"', "❢": "!", "✱": "*",
}
