# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Needs Python 3.11 or newer (with its venv module), git and make; everything else goes to build/.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo check test ci bench servers faults fuzz docs format lock release clean

BUILD := build
# The first that answers, is new enough and can make virtual environments; PYTHON=... overrides.
CANDIDATES := $(if $(PYTHON),$(PYTHON),python3.13 python3.12 python3.11 python3)
# Twice quiet: errors only, for some index configurations warn of every package.
PIP := -m pip --disable-pip-version-check --no-input install -qq

define make_venv
	@set -e; found=; \
	for python in $(CANDIDATES); do \
	  if "$$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; \
	  then found=$$python; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
	  echo "No Python 3.11 or newer with its venv module was found (tried: $(CANDIDATES)); please install one, on Debian: apt install python3 python3-venv" >&2; \
	  exit 1; \
	fi; \
	rm -rf "$(1)"; mkdir -p $(BUILD); \
	echo "Installing into $(1), once ..."; \
	"$$found" -m venv "$(1)"; \
	"$(1)/bin/python" $(PIP) --no-deps $(2); \
	"$(1)/bin/python" -m pip --disable-pip-version-check check -qq; \
	touch "$(1)/installed"
endef

help:
	@echo "make demo     run the demo playbook against the emulator; no 8x8 account is needed"
	@echo "make check    ruff, mypy and the unit tests on one ansible-core: less than a minute"
	@echo "make test     every kind of check, on the newest, the oldest and the next ansible-core: about ten minutes"
	@echo "make ci       everything, on every supported ansible-core whose Python is installed: what the build machine runs"
	@echo "make bench    measure loops and rosters, and compare them with other tools: an hour"
	@echo "make servers  test against SCIM servers that other people wrote; SERVERS=scimmy selects some"
	@echo "make faults   random runs with faults, and checks of the rules after each; FAULTS=\"--seed 4711\" repeats one"
	@echo "make fuzz     fuzz the parsers of answers and files, guided by coverage; FUZZ=\"--seconds 600 body\" sets time and parser"
	@echo "make docs     build the documentation site into build/docs/html, offline"
	@echo "make format   let ruff rewrite what it can"
	@echo "make lock     write the locks of all environments again, from tests/requirements/*.in"
	@echo "make release  check and build a release: changelog, archive, installation, importer, demo; it publishes nothing"
	@echo "make clean    remove everything that these commands made"

# Each environment from its lock, which asks for hashes and wheels, and names everything: nothing is resolved, so that what is
# released tomorrow changes nothing. Whether the lock is complete is checked after it.
$(BUILD)/%/installed: Makefile tests/requirements/%.txt
	$(call make_venv,$(BUILD)/$*,-r tests/requirements/$*.txt)

# Without an inventory Ansible remarks that there is only localhost, which is meant. Shown is what changes something, and the table last.
demo: $(BUILD)/demo/installed
	@mkdir -p $(BUILD)/collections/ansible_collections/eightbyeight
	@ln -sfn ../../../.. $(BUILD)/collections/ansible_collections/eightbyeight/scim
	@PATH="$(CURDIR)/$(BUILD)/demo/bin:$$PATH" \
	 ANSIBLE_HOME="$(CURDIR)/$(BUILD)/home/demo" \
	 ANSIBLE_COLLECTIONS_PATH="$(CURDIR)/$(BUILD)/collections" \
	 ANSIBLE_LOCALHOST_WARNING=false ANSIBLE_INVENTORY_UNPARSED_WARNING=false \
	 ANSIBLE_DISPLAY_OK_HOSTS=false ANSIBLE_DISPLAY_SKIPPED_HOSTS=false \
	 ansible-playbook eightbyeight.scim.demo -e demo_summary_file="$(CURDIR)/$(BUILD)/demo.txt"
	@cat $(BUILD)/demo.txt

check test ci: $(BUILD)/tools/installed
	@$(BUILD)/tools/bin/python tests/tools/sessions.py $@

bench: $(BUILD)/bench/installed
	@ANSIBLE_HOME="$(CURDIR)/$(BUILD)/home/bench" $(BUILD)/bench/bin/python tests/benchmarks/loops.py $(LOOPS)
	@ANSIBLE_HOME="$(CURDIR)/$(BUILD)/home/bench" $(BUILD)/bench/bin/python tests/benchmarks/rosters.py $(ROSTERS)
	@ANSIBLE_HOME="$(CURDIR)/$(BUILD)/home/bench" $(BUILD)/bench/bin/python tests/benchmarks/roles.py
	@ANSIBLE_HOME="$(CURDIR)/$(BUILD)/home/bench" $(BUILD)/bench/bin/python tests/benchmarks/small_rosters.py $(SMALL)
	@ANSIBLE_HOME="$(CURDIR)/$(BUILD)/home/bench" $(BUILD)/bench/bin/python tests/benchmarks/many_tenants.py $(TENANTS)
	@ANSIBLE_HOME="$(CURDIR)/$(BUILD)/home/bench" $(BUILD)/bench/bin/python tests/benchmarks/exports.py

# Those that run on Python come from locks of their own; npm, where it is there, installs what package-lock.json names.
servers: $(BUILD)/demo/installed $(BUILD)/server-scim2-first/installed $(BUILD)/server-django/installed
	@$(BUILD)/demo/bin/python tests/servers/drive.py $(SERVERS)

# It needs what the demo does.
faults: $(BUILD)/demo/installed
	@ANSIBLE_HOME="$(CURDIR)/$(BUILD)/home/faults" $(BUILD)/demo/bin/python tests/faults/campaign.py $(FAULTS)

fuzz: $(BUILD)/fuzz/installed
	@$(BUILD)/fuzz/bin/python tests/fuzz/fuzz_parsers.py $(FUZZ)

docs: $(BUILD)/tools/installed
	@$(BUILD)/tools/bin/nox --session docs

format: $(BUILD)/tools/installed
	@$(BUILD)/tools/bin/nox --session code -- --fix

lock: $(BUILD)/tools/installed
	@$(BUILD)/tools/bin/nox --session lock -- $(LOCKS)

release: $(BUILD)/tools/installed
	@$(BUILD)/tools/bin/nox --stop-on-first-error --session changelog build
	@version=$$(sed -n 's/^version: *//p' galaxy.yml); \
	 echo "The archive is in $(BUILD)/dist, checked, installed and tried. To publish it, when make ci is green on this commit:"; \
	 echo "  git tag $$version && git push origin $$version"; \
	 echo "  ansible-galaxy collection publish $(BUILD)/dist/eightbyeight-scim-$$version.tar.gz"; \
	 echo "  then set the next version in galaxy.yml"

clean:
	rm -rf $(BUILD) .nox .ansible .mypy_cache .pytest_cache .ruff_cache tests/output changelogs/.plugin-cache.yaml
