# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Settings of Sphinx for the documentation site. It reads nothing from a network: ``build_site.py`` makes the inventory of Ansible's labels."""

from pathlib import Path

project = "eightbyeight.scim"
copyright = "eightbyeight.scim contributors"  # noqa: A001 - the name is Sphinx's
title = html_short_title = "eightbyeight.scim"
extensions = ["sphinx.ext.intersphinx", "sphinx_antsibull_ext"]
pygments_style = "ansible"
highlight_language = "YAML+Jinja"
html_theme = "sphinx_ansible_theme"
html_theme_options = {
    "documentation_home_url": "https://github.com/ansible-collections/eightbyeight.scim",
    "topbar_links": {},
    "vcs_pageview_mode": "edit",
}
html_show_sphinx = False
html_use_smartypants = True
html_use_modindex = False
html_use_index = False
html_copy_source = False
html_show_sourcelink = False
display_version = False
default_role = "any"
nitpicky = True
intersphinx_mapping = {
    "ansible": ("https://docs.ansible.com/projects/ansible/devel/", str(Path(__file__).with_name("ansible.inv")))
}
