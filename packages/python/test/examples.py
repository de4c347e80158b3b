"""Write the examples of a Markdown file to a folder: every Python block that starts with its file name as a comment."""

import re
import sys
from pathlib import Path

MAXIMUM_LINES = 15

source, folder = map(Path, sys.argv[1:])
folder.mkdir()
examples = re.findall(r"^```python\n# (\w+\.py)\n(.*?)^```$", source.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
assert examples, f"{source} has no examples"
for name, code in examples:
    assert not (folder / name).exists(), f"{source} has two examples named {name}"
    (folder / name).write_text(code, encoding="utf-8")
    # The README promises short examples.
    lines = [line for line in code.splitlines() if line.strip()]
    assert source.name != "README.md" or len(lines) <= MAXIMUM_LINES, f"{name} has {len(lines)} lines"
