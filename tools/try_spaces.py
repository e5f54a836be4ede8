"""Install every Gradio Space into a fresh environment from its own requirements, and start it with the network cut.

    python tools/try_spaces.py

Needs two gigabytes of downloads and a Linux that lets a process have a network of its own. Also asks whether everything
that is required has wheels for the Python of the host.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import venv
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
        for space in folders:
            required = (space / "requirements.txt").read_text(encoding="utf-8")
            if required not in pythons:
                pythons[required] = installed(space / "requirements.txt", folder / f"environment{len(pythons)}")
                check_wheels(space / "requirements.txt", folder / "wheels")
            found = isolated([str(space), str(pythons[required]), str(photo)])
            assert found["ended"] == 0, found["log"]
            said = found["explained"]["word"]
            print(f"{space.name}: page after {found['seconds']} s, /explain says {said}", flush=True)


def installed(requirements: Path, environment: Path) -> Path:
    """The interpreter of a fresh environment with these requirements alone."""
    print(f"installing {requirements}", flush=True)
    venv.create(environment, with_pip=True)
    python = environment / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", "-r", requirements], check=True)
    return python


def check_wheels(requirements: Path, nowhere: Path) -> None:
    """See that every requirement, and all that those require, has a wheel for the Python of the host."""
    print(f"asking for wheels for Python {deploy.HOST_PYTHON}", flush=True)
    resolve = [sys.executable, "-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed"]
    host = ["--python-version", deploy.HOST_PYTHON, "--only-binary=:all:", "--target", str(nowhere)]
    subprocess.run([*resolve, *host, "-r", str(requirements)], check=True)


if __name__ == "__main__":
    main()
