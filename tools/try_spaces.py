"""Install every Gradio Space into a fresh environment from its own requirements, and start it with the network cut.

    python tools/try_spaces.py

Needs two gigabytes of downloads and a Linux that lets a process have a network of its own. Takes the Python of the host
where the machine has it; where not, asks whether everything that is required has wheels for it.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "spaces")]  # run as a script, it would find only what lies beside it

import deploy  # noqa: E402

from fer_demo.data.loading import load_bundled  # noqa: E402
from tools.cut_off import isolated  # noqa: E402


def main() -> None:
    """Try them one after the other, in one environment for all that require the same."""
    names = sorted(path.parent.name for path in (ROOT / "spaces").glob("*/app.py"))
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        folders = [deploy.assemble(name, folder / name) for name in names]
        photo = folder / "photo.webp"
        photo.write_bytes(load_bundled().picture_file(0))
        pythons: dict[str, Path] = {}
        theirs = host_python()
        for space in folders:
            required = (space / "requirements.txt").read_text(encoding="utf-8")
            if required not in pythons:
                environment = folder / f"environment{len(pythons)}"
                pythons[required] = installed(space / "requirements.txt", environment, theirs or sys.executable)
                if theirs is None:
                    check_wheels(space / "requirements.txt", folder / "wheels")
            found = isolated([str(space), str(pythons[required]), str(photo)])
            assert found["ended"] == 0, found["log"]
            said = found["explained"]["word"]
            print(f"{space.name}: page after {found['seconds']} s, /explain says {said}", flush=True)


def host_python() -> str | None:
    """The Python of the host, if this machine has it."""
    name = f"python{deploy.HOST_PYTHON}"
    found = [
        shutil.which(name),
        *sorted(map(str, Path.home().glob(f".pyenv/versions/{deploy.HOST_PYTHON}.*/bin/{name}"))),
    ]
    return next((path for path in found if path and _runs(path)), None)


def _runs(python: str) -> bool:
    """Whether it starts; a version that pyenv knows of need not be switched on."""
    return subprocess.run([python, "-c", "pass"], capture_output=True, check=False).returncode == 0


def installed(requirements: Path, environment: Path, python: str) -> Path:
    """The interpreter of a fresh environment with these requirements alone."""
    print(f"installing {requirements}", flush=True)
    subprocess.run([python, "-m", "venv", str(environment)], check=True)
    own = environment / "bin" / "python"
    subprocess.run([own, "-m", "pip", "install", "--quiet", "-r", requirements], check=True)
    subprocess.run([own, "--version"], check=True)
    return own


def check_wheels(requirements: Path, nowhere: Path) -> None:
    """See that every requirement, and all that those require, has a wheel for the Python of the host."""
    print(f"asking for wheels for Python {deploy.HOST_PYTHON}", flush=True)
    resolve = [sys.executable, "-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed"]
    host = ["--python-version", deploy.HOST_PYTHON, "--only-binary=:all:", "--target", str(nowhere)]
    subprocess.run([*resolve, *host, "-r", str(requirements)], check=True)


if __name__ == "__main__":
    main()
