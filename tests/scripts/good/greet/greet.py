"""Greetings."""

from pathlib import Path


def hello(name: str, picture: Path, times: int = 1, language: str = "en") -> Path:
    """Greet somebody.

    :param name: Who is greeted.
    :param picture: What is shown beside.
    :param times: How often.
    """
    word = {"en": "Hello", "de": "Guten Tag"}[language]
    greeting = Path("greeting.txt")
    greeting.write_text(f"{word}, {name}!\n" * times + picture.read_text())
    return greeting
