"""Whether two names could be one person's: used to refuse joins, never to make them."""

import unicodedata


def compatible(one: str, other: str) -> bool:
    """Whether nothing speaks against both names being the same person's.

    Every word of the shorter name must stand in the longer one, whole or as an initial: "Ana" fits "Ana Lopez",
    "M. Lopez" fits "Maria Lopez", "Juan Lopez" does not fit "Maria Lopez". A name without letters (a phone
    number, nothing) or with an "@" fits anything.
    """
    short, long = sorted((_words(one), _words(other)), key=len)
    rest = list(long)
    for word in short:
        match = next((other_word for other_word in rest if _same_word(word, other_word)), None)
        if match is None:
            return False
        rest.remove(match)
    return True


def is_name(text: str) -> bool:
    """Whether a display name is a name, rather than an address put in its place to deceive or by default."""
    return "@" not in text and any(character.isalpha() for character in text)


def _words(name: str) -> list[str]:
    if not is_name(name):
        return []
    plain = "".join(
        character
        for character in unicodedata.normalize("NFKD", name).casefold()
        if not unicodedata.combining(character)
    )
    return ["".join(filter(str.isalnum, word)) for word in plain.replace(".", ". ").replace(",", " ").split()]


def _same_word(one: str, other: str) -> bool:
    return one == other or (min(len(one), len(other)) == 1 and one[:1] == other[:1])
