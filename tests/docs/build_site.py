# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Build the documentation site offline, from the code and the guides: ``build_site.py TREE FOLDER``.

antsibull-docs makes the reference, ``pages.py`` the pages that it does not know, and Sphinx the site, without a warning. Then
every link inside the site is followed.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import zlib
from collections.abc import Iterable
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from pages import commands_page, source_page, with_pages

HERE = Path(__file__).resolve().parent
NAME = "eightbyeight.scim"
#: Labels of Ansible's own documentation that antsibull-docs refers to, and where they are.
LABELS = {
    "action_plugins": "plugins/action.html#action-plugins",
    "ansible_configuration_settings": "reference_appendices/config.html#ansible-configuration-settings",
    "become_plugins": "plugins/become.html#become-plugins",
    "common_return_values": "reference_appendices/common_return_values.html#common-return-values",
}


#: What is said of a folder of ansible-core itself, and of fragments that are added to a release that has its summary.
_NOT_OURS = re.compile(
    "_protomatter' does not have a MANIFEST.json file|Found no release_summary section in the changelog"
)


def run(*command: str, folder: Path) -> None:
    """Run a program of this environment, and end with its status where it fails."""
    whole = [str(Path(sys.executable).parent / command[0]), *command[1:]]
    done = subprocess.run(whole, cwd=folder, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    print(
        "".join(line for line in done.stdout.splitlines(keepends=True) if not _NOT_OURS.search(line)),
        end="",
        flush=True,
    )
    if done.returncode:
        sys.exit(done.returncode)


def inventory(texts: Iterable[str]) -> bytes:
    """Return an inventory, as Sphinx reads it, of what these pages refer to in Ansible's own documentation."""
    found = "\n".join(texts)
    entries = {f"{label} std:label -1 {page} -" for label, page in LABELS.items()}
    for label in re.findall(r"ansible_collections\.[a-z_]+\.[a-z_]+\.\w+_[a-z]+\b", found):
        _all, namespace, collection, plugin = label.split(".")
        if f"{namespace}.{collection}" != NAME:
            entries.add(f"{label} std:label -1 collections/{namespace}/{collection}/{plugin}.html -")
    for variable in re.findall(r":(?:ansenvvarref|envvar):`(ANSIBLE[\\\w]+)", found):
        name = variable.replace("\\", "")
        entries.add(f"{name} std:envvar -1 reference_appendices/config.html#envvar-$ -")
    head = "# Sphinx inventory version 2\n# Project: Ansible\n# Version: devel\n# The remainder of this file is compressed using zlib.\n"
    return head.encode() + zlib.compress("\n".join([*sorted(entries), ""]).encode())


class Links(HTMLParser):
    """What a page links to, and what in it can be linked to."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.links: set[str] = set()
        self.places: set[str] = set()
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take note of a tag."""
        given = dict(attrs)
        self.places |= {value for name in ("id", "name") if (value := given.get(name))}
        self.links |= {value for name in ("href", "src") if (value := given.get(name))}


def broken(site: Path) -> list[str]:
    """Return the links of a site to what is not there, each with its page."""
    pages = {page.resolve(): Links(page) for page in site.rglob("*.html")}
    wrong = []
    for page, links in pages.items():
        for link in sorted(links.links):
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
            place = unquote(parts.fragment)
            there = target.exists() and (not place or target not in pages or place in pages[target].places)
            # Scripts of the theme lead to the top of the page by "#".
            if not there:
                wrong.append(f"{page.relative_to(site.resolve())}: {link}")
    return wrong


def build(tree: Path, folder: Path) -> Path:
    """Build the site of the collection in a tree of collections, and return where it is."""
    collection = tree / "ansible_collections" / "eightbyeight" / "scim"
    shutil.rmtree(folder, ignore_errors=True)
    rst = folder / "rst"
    rst.mkdir(parents=True)
    # antsibull-docs wants it to itself.
    rst.chmod(0o755)
    shutil.copy(HERE / "conf.py", folder)
    if any((collection / "changelogs" / "fragments").glob("*.yml")):
        # The changes that are not released yet. The tree is a copy.
        run("antsibull-changelog", "release", "--update-existing", "--date", "2000-01-01", folder=collection)
    options = ("--cleanup", "everything", "--fail-on-error", "--use-current", "--squash-hierarchy")
    config = str(HERE / "antsibull-docs.cfg")
    run("antsibull-docs", "--config-file", config, "collection", *options, "--dest-dir", str(rst), NAME, folder=folder)
    # It takes pages alone.
    shutil.copytree(collection / "docs" / "docsite" / "rst" / "images", rst / "docsite" / "images", dirs_exist_ok=True)
    eda = collection / "extensions" / "eda"
    playbooks = "The playbooks of the collection, to run as ``ansible-playbook`` with the name."
    rulebooks = "The rulebooks of the collection, to run with ``ansible-rulebook``."
    made = {
        "playbooks": commands_page("Playbooks", "playbooks", playbooks, (collection / "playbooks").glob("*.yml")),
        "user_changes_source": source_page(eda / "plugins" / "event_source" / "user_changes.py"),
        "rulebooks": commands_page("Rulebooks", "rulebooks", rulebooks, (eda / "rulebooks").glob("*.yml")),
    }
    for name, text in made.items():
        (rst / f"{name}.rst").write_text(text, encoding="utf-8")
    index = rst / "index.rst"
    index.write_text(with_pages(index.read_text(encoding="utf-8"), made), encoding="utf-8")
    for page in (index, rst / "changelog.rst"):
        # antsibull-docs writes the name of the collection with capitals.
        page.write_text(page.read_text(encoding="utf-8").replace(NAME.title(), NAME), encoding="utf-8")
    texts = (page.read_text(encoding="utf-8") for page in rst.rglob("*.rst"))
    (folder / "ansible.inv").write_bytes(inventory(texts))
    run("sphinx-build", "-M", "html", "rst", ".", "-c", ".", "-W", "--keep-going", "-q", folder=folder)
    return folder / "html"


def main() -> int:
    """Build the site, and say which links lead nowhere; return the exit status."""
    site = build(Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve())
    wrong = broken(site)
    print(
        "\n".join([*(f"leads nowhere: {line}" for line in wrong), f"{len(list(site.rglob('*.html')))} pages: {site}"])
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
