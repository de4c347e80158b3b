"""Check the contents of a wheel, and that its tag matches its executable."""

import contextlib
import re
import stat
import subprocess
import sys
import tempfile
import zipfile
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import lief

wheel, binary = map(Path, sys.argv[1:])
spec = spec_from_file_location("hatch_build", Path(__file__).parent.parent / "hatch_build.py")
hatch_build = module_from_spec(spec)
spec.loader.exec_module(hatch_build)

version = subprocess.run([binary, "--version"], check=True, capture_output=True, text=True).stdout.split()[1]
tag = hatch_build.platform_tag(binary)
assert wheel.name == f"tiledesk_mock-{version}-py3-none-{tag}.whl", wheel.name

with zipfile.ZipFile(wheel) as archive:
    names = archive.namelist()
    for name in ("tiledesk_mock/py.typed", f"tiledesk_mock-{version}.dist-info/licenses/LICENSE-MIT"):
        assert name in names, f"{name} is missing"
    executable = archive.getinfo("tiledesk_mock/bin/tiledesk-mock")
    assert executable.external_attr >> 16 & stat.S_IXUSR, "the server is not executable"
    metadata = archive.read(f"tiledesk_mock-{version}.dist-info/METADATA").decode()
    assert "Requires-Dist" not in metadata, "the wheel has dependencies"


def tag_of(executable):
    """Write an executable and read its tag."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "program"
        executable.write(str(file))
        return hatch_build.platform_tag(file)


# The executable, modified to look like those of other platforms where the tag depends on it.
machine = re.search(r"x86_64|aarch64", tag)[0]
elf = lief.parse(binary)
if elf.has_interpreter:
    assert re.fullmatch(rf"manylinux_2_\d\d_{machine}", tag), tag
    elf.interpreter = f"/lib/ld-musl-{machine}.so.1"
    assert tag_of(elf) == f"musllinux_1_2_{machine}"
else:
    assert tag == f"manylinux_2_17_{machine}.musllinux_1_2_{machine}", tag

for content in (b"", b"#!/bin/sh\n", b"MZ"):
    with tempfile.NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        with contextlib.suppress(ValueError):
            raise AssertionError(f"{content!r} got the tag {hatch_build.platform_tag(Path(file.name))}")
