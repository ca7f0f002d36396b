#!/usr/bin/env python3
"""What cargo knows of the crates that a project may need, as one small file for a test of our resolver.

    scripts/ecosystem.py CARGO_TOML OUT     writes OUT.zst

cargo itself is asked (`cargo generate-lockfile`), so the package registry is used as any user does; what it then
has in its index cache is what is read here. Development dependencies are left out, as our index does, and so is
all that a choice does not depend on: checksums, links to the web, versions of Rust.

The form: `root NAME REQ [flags]` is a dependency of the project, `chosen NAME VERSION` what cargo chose, `crate NAME` begins a crate, `VERSION [yanked] [links=NAME]` a release, ` NAME REQ [flags]` one of its
dependencies (flags: o optional, d without default features, b to build, t for some targets; f=A,B features;
as=NAME its name in features), `  NAME=VALUE,…` a feature. A release with the same dependencies and features as the one before is
followed by `=` in their place.
"""

import json
import os
import pathlib
import shutil
import re
import subprocess
import sys
import tempfile
import tomllib


def lock(manifest: pathlib.Path) -> str:
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        shutil.copy(manifest, folder / "Cargo.toml")
        (folder / "src").mkdir()
        (folder / "src/lib.rs").touch()
        subprocess.run(["cargo", "generate-lockfile", "--quiet"], cwd=folder, check=True)
        return (folder / "Cargo.lock").read_text()


def cached() -> dict[str, list[dict]]:
    home = pathlib.Path(os.environ.get("CARGO_HOME", pathlib.Path.home() / ".cargo"))
    crates: dict[str, list[dict]] = {}
    for file in sorted(home.glob("registry/index/*/.cache/**/*")):
        if file.is_file():
            # Behind a head: version, NUL, the line of the index, NUL, again and again.
            releases = []
            for part in file.read_bytes().split(b"\0"):
                if part.startswith(b"{"):
                    releases.append(json.loads(part))
            if releases:
                crates[releases[0]["name"]] = releases
    return crates


def flags(dependency: dict) -> str:
    text = ""
    text += "o" if dependency.get("optional") else ""
    text += "d" if not dependency.get("default_features", True) else ""
    text += "b" if dependency.get("kind") == "build" else ""
    text += "t" if dependency.get("target") else ""
    words = [text] if text else []
    if dependency.get("features"):
        words.append("f=" + ",".join(dependency["features"]))
    if dependency.get("package"):
        words.append("as=" + dependency["name"])
    return " ".join(words)


def describe(release: dict) -> list[str]:
    lines = []
    for dependency in release["deps"]:
        if dependency.get("kind") == "dev":
            continue
        name = dependency.get("package") or dependency["name"]
        requirement = dependency["req"].replace(" ", "")
        lines.append(f" {name} {requirement} {flags(dependency)}".rstrip())
    features = dict(release.get("features", {}), **(release.get("features2") or {}))
    for name, values in features.items():
        lines.append(f"  {name}=" + ",".join(values))
    return lines


def needed(crates: dict[str, list[dict]], chosen: set[str]) -> set[str]:
    """The crates that any release of a needed one may need: cargo has read the others for somebody else."""
    found, queue = set(), sorted(chosen)
    while queue:
        name = queue.pop()
        if name in found or name not in crates:
            continue
        found.add(name)
        for release in crates[name]:
            queue += [d.get("package") or d["name"] for d in release["deps"] if d.get("kind") != "dev"]
    return found


def main() -> None:
    manifest, out = (pathlib.Path(argument) for argument in sys.argv[1:3])
    locked = lock(manifest)
    chosen = {line.split('"')[1] for line in locked.splitlines() if line.startswith('name = "')}
    crates = cached()
    lines = []
    for name, value in tomllib.loads(manifest.read_text())["dependencies"].items():
        value = {"version": value} if isinstance(value, str) else value
        dependency = {"features": value.get("features"), "default_features": value.get("default-features", True)}
        lines.append(f"root {name} {value['version']} {flags(dependency)}".rstrip())
    for name, version, source in re.findall(r'name = "(.*)"\nversion = "(.*)"\n(source)?', locked):
        if source:
            lines.append(f"chosen {name} {version}")
    for name in sorted(needed(crates, chosen)):
        lines.append(f"crate {name}")
        before = None
        for release in crates[name]:
            words = [release["vers"]]
            words += ["yanked"] if release.get("yanked") else []
            words += ["links=" + release["links"]] if release.get("links") else []
            lines.append(" ".join(words))
            more = describe(release)
            lines += ["="] if more == before and more else more
            before = more
    out.write_text("\n".join(lines) + "\n")
    subprocess.run(["zstd", "--quiet", "-19", "--rm", "--force", str(out)], check=True)
    print(f"{out}: {sum(line.startswith('crate ') for line in lines)} crates, {len(chosen)} chosen by cargo")


if __name__ == "__main__":
    main()
