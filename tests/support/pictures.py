"""Make the pictures of the README that its examples save: `python -m tests.support.pictures` writes them into docs/."""

from __future__ import annotations

import doctest
import os
import re
import shutil
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]


def main() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    examples = doctest.DocTestParser().get_doctest(readme, {}, "README.md", "README.md", 0)
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(examples)
        for name in re.findall(r"!\[[^]]*\]\(docs/([^)]+)\)", readme):
            if Path(name).is_file():
                print(shutil.copy(name, ROOT / "docs" / name))
        os.chdir(ROOT)


if __name__ == "__main__":
    main()
