"""A report as a test reads it: as text, as a tree, and as the words that a reader sees."""

import re
import xml.etree.ElementTree as ET
from pathlib import Path

JAPANESE = re.compile(r"[぀-ヿ一-鿿]")
XHTML = "{http://www.w3.org/2000/svg}"


class Page:
    """A report, as text and as a tree; parsing it as XML proves that it is well formed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.text = path.read_text(encoding="utf-8")
        self.tree = ET.fromstring(self.text)  # noqa: S314

    def words(self, lang: str) -> str:
        """The words that a reader of one language sees."""
        other = {"ja": "en", "en": "ja"}[lang]

        def read(node: ET.Element) -> str:
            if node.get("class") == other or node.tag in {"style", "title"}:
                return ""
            return (node.text or "") + "".join(read(child) + (child.tail or "") for child in node)

        return read(self.tree)

    def assert_two_languages(self) -> None:
        """Every text stands in both languages, with everything filled in."""
        for parent in self.tree.iter():
            langs = [child.get("lang") for child in parent if child.get("class") in {"ja", "en"}]
            assert langs == ["ja", "en"] * (len(langs) // 2)
        for node in self.tree.iter():
            if node.get("class") in {"ja", "en"}:
                words = "".join(node.itertext()).strip()
                assert words
                assert node.get("class") == "ja" or not JAPANESE.search(words), words
        assert not re.search(r"\{[a-z_0-9]*\}", self.words("ja") + self.words("en"))
        assert "nan" not in self.words("en").lower().split()

    def assert_references(self) -> None:
        """Ids are unique, and every reference has its end."""
        ids = [node.get("id") for node in self.tree.iter() if node.get("id")]
        assert len(ids) == len(set(ids))
        for node in self.tree.iter():
            for name in ("aria-labelledby", "for"):
                assert set(node.get(name, "").split()) <= set(ids)
