"""Build hook that adds a compiled server to the wheel, and tags the wheel with the platforms that the server runs on.

`TILEDESK_MOCK_BINARY` is the path of the executable. Its headers determine the tag, so that one machine can build the wheels
of all platforms, and every tag matches its executable.
"""

import os
import re
from pathlib import Path
from typing import Any

import lief
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ELF_MACHINES = {lief.ELF.ARCH.X86_64: "x86_64", lief.ELF.ARCH.AARCH64: "aarch64"}
MACHO_MACHINES = {lief.MachO.Header.CPU_TYPE.X86_64: "x86_64", lief.MachO.Header.CPU_TYPE.ARM64: "arm64"}
PE_MACHINES = {lief.PE.Header.MACHINE_TYPES.AMD64: "win_amd64", lief.PE.Header.MACHINE_TYPES.ARM64: "win_arm64"}

# A static executable runs with any C library; these are the oldest versions that installers recognize for it.
OLDEST_GLIBC = (2, 17)
MUSL = "musllinux_1_2"


class BinaryHook(BuildHookInterface[Any]):
    """Adds the executable at `TILEDESK_MOCK_BINARY`."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the executable and the tag, or only the sources for an editable install."""
        binary = os.environ.get("TILEDESK_MOCK_BINARY")
        if binary is None:
            if version == "editable":
                return
            raise ValueError("TILEDESK_MOCK_BINARY must be the path of the tiledesk-mock executable for the wheel.")
        if not Path(binary).is_file():
            raise ValueError(f"TILEDESK_MOCK_BINARY: there is no file {binary}.")
        platform = platform_tag(Path(binary))
        name = "tiledesk-mock.exe" if platform.startswith("win") else "tiledesk-mock"
        build_data["tag"] = f"py3-none-{platform}"
        build_data["pure_python"] = False
        build_data["force_include"][str(Path(binary).resolve())] = f"tiledesk_mock/bin/{name}"


def platform_tag(path: Path) -> str:
    """Return the platform tag of the executable, such as `manylinux_2_34_x86_64`."""
    match lief.parse(path):
        case lief.ELF.Binary() as elf if elf.header.machine_type in ELF_MACHINES:
            return linux_tag(elf, ELF_MACHINES[elf.header.machine_type])
        case lief.MachO.Binary() as macho if macho.header.cpu_type in MACHO_MACHINES:
            return macos_tag(macho, MACHO_MACHINES[macho.header.cpu_type])
        case lief.PE.Binary() as pe if pe.header.machine in PE_MACHINES:
            return PE_MACHINES[pe.header.machine]
    raise ValueError(f"{path} is not an executable for x86-64 or ARM64 on Linux, macOS or Windows.")


def linux_tag(elf: lief.ELF.Binary, machine: str) -> str:
    """Return the tag of a Linux executable: for the glibc version it requires, for musl, or for both if it is static."""
    if elf.has_interpreter and "musl" in str(elf.interpreter):
        return f"{MUSL}_{machine}"
    needed = [
        (int(version[1]), int(version[2]))
        for library in elf.symbols_version_requirement
        for symbol in library.get_auxiliary_symbols()
        if (version := re.match(r"GLIBC_(\d+)\.(\d+)", str(symbol.name)))
    ]
    glibc = max([OLDEST_GLIBC, *needed])
    manylinux = f"manylinux_{glibc[0]}_{glibc[1]}_{machine}"
    return manylinux if elf.has_interpreter else f"{manylinux}.{MUSL}_{machine}"


def macos_tag(macho: lief.MachO.Binary, machine: str) -> str:
    """Return the tag of a macOS executable, based on its minimum system version."""
    if macho.has_build_version:
        major, minor, *_ = macho.build_version.minos
    elif macho.has_version_min:
        major, minor, *_ = macho.version_min.version
    else:
        raise ValueError("The macOS executable does not name the oldest system that it runs on.")
    # Since macOS 11, releases are tagged by their major version only.
    return f"macosx_{major}_{minor if major == 10 else 0}_{machine}"
