# make build | demo | test | bench | faults | e2e | bundle | install PREFIX=/usr/local
PREFIX ?= /usr/local
PROGRAMS = osctl-bundle osctl-import osctl-probe vpsadminos-convert vz-guest-fix vz-migrate-step vz-parse-config vz-report vz-rootfs-tar vz-to-osctl vz-zfs-stream
BIN = node_modules/.bin
SOURCES := $(shell find cmd lib tools -type f) esbuild.config.mjs package.json

# Certificates that a machine adds for npm cost node 0.1 s of CPU at each start, and tests start it some thousand times.
TEST_NODE = env -u NODE_EXTRA_CA_CERTS node

.PHONY: all build demo test check unit tools nodes bench faults e2e bundle install clean
all: build

node_modules/.package-lock.json: package-lock.json
	npm ci --include=dev --no-audit --no-fund
	touch $@

dist/.built: node_modules/.package-lock.json $(SOURCES)
	node esbuild.config.mjs
	touch $@

build: dist/.built

# Programs that the demo and the tests run as real parts: installed when missing and when we may.
tools:
	sh test/support/install-tools.sh

# Node.js 22 and 24, with which the packages are tested. npm leaves out what it could not fetch without an error, since on other
# machines there is none: so it is looked for, and tried again.
NODES = test/support/node-versions
$(NODES)/node_modules/.complete: $(NODES)/package-lock.json
	for try in 1 2 3; do \
	  npm ci --prefix $(NODES) --no-audit --no-fund && ls $(NODES)/node_modules/node-22/bin/node $(NODES)/node_modules/node-24/bin/node && \
	  touch $@ && exit; \
	done; echo 'WARNING: NO NODE.JS 22 AND 24; tests that need them WILL BE SKIPPED' >&2
nodes: $(NODES)/node_modules/.complete

demo: build tools
	sh test/support/demo.sh

check: node_modules/.package-lock.json
	$(BIN)/tsc
	$(BIN)/biome ci --error-on-warnings .

# Three at a time on two cores: a file waits for a third of its time. What failed is listed once more at the end.
unit: build
	node esbuild.config.mjs test
	$(TEST_NODE) --enable-source-maps --test --test-concurrency=3 --test-reporter=spec $$(find build -name '*.test.mjs' | sort)

test: tools nodes check unit

bench: build tools
	node esbuild.config.mjs test
	$(TEST_NODE) --test-reporter=tap --test-reporter-destination=/dev/null build/test/bench/bench.bench.mjs

# Every effect of every step of a migration with every fault, on each storage: hours. The table is build/faults.md.
# FAULTS_ONLY: some of the chains and cases, as STORAGE: STEP: EFFECT (of a chain STORAGE: FAULT), each a regular expression:
# `simfs: lost`, `zfs-.*: stage`, `: transfer: guard.*: after`.
FAULTS_AT_ONCE ?= 2
FAULTS_HEAD = | storage | step | effect | fault | exit | then | end | verdict |
faults: build tools
	node esbuild.config.mjs test
	$(TEST_NODE) --enable-source-maps --test --test-concurrency=$(FAULTS_AT_ONCE) build/test/faults/*.faults.mjs; \
	  code=$$?; { printf '%s\n' '$(FAULTS_HEAD)' '|---|---|---|---|---|---|---|---|'; cat build/faults-*.md; } >build/faults.md; exit $$code

# The real OpenZFS, in a guest that is built once and kept in a cache; see test/e2e/run.sh.
e2e: build
	test/e2e/run.sh

DOC = $(DESTDIR)$(PREFIX)/share/doc/vz2osctl
install: build
	rm -rf $(DESTDIR)$(PREFIX)/lib/vz2osctl $(DOC)
	install -d $(DESTDIR)$(PREFIX)/lib/vz2osctl/lib $(DESTDIR)$(PREFIX)/bin $(DOC)/cmd $(DOC)/docs
	install -d $(DESTDIR)$(PREFIX)/lib/vz2osctl/man $(DESTDIR)$(PREFIX)/share/man/man7 $(DESTDIR)$(PREFIX)/share/man/man8
	install -m 644 dist/man/* $(DESTDIR)$(PREFIX)/lib/vz2osctl/man/
	install -m 644 dist/man/*.7 $(DESTDIR)$(PREFIX)/share/man/man7/
	install -m 644 dist/man/*.8 $(DESTDIR)$(PREFIX)/share/man/man8/
	install -d $(DESTDIR)$(PREFIX)/share/bash-completion/completions $(DESTDIR)$(PREFIX)/share/zsh/site-functions
	install -m 644 dist/completion/_vz2osctl $(DESTDIR)$(PREFIX)/share/zsh/site-functions/
	install -m 644 dist/completion/vz2osctl.bash $(DESTDIR)$(PREFIX)/share/bash-completion/completions/
	for p in $(PROGRAMS); do ln -sf vz2osctl.bash $(DESTDIR)$(PREFIX)/share/bash-completion/completions/$$p || exit 1; done
	install -m 644 dist/lib/* $(DESTDIR)$(PREFIX)/lib/vz2osctl/lib/
	for p in $(PROGRAMS); do \
	  install -m 755 dist/$$p.mjs $(DESTDIR)$(PREFIX)/lib/vz2osctl/ && \
	  ln -sf ../lib/vz2osctl/$$p.mjs $(DESTDIR)$(PREFIX)/bin/$$p || exit 1; \
	done
	install -m 644 README.md CHANGELOG.md LICENSE dist/THIRD-PARTY.txt $(DOC)/
	install -m 644 cmd/*.md $(DOC)/cmd/
	install -m 644 docs/*.md $(DOC)/docs/

# One directory for machines without npm: what install makes, but for the native addon, which fits one Node.js alone.
VERSION := $(shell sed -n 's/^  "version": "\(.*\)",/\1/p' package.json)
BUNDLE = vz2osctl-$(VERSION)
bundle: build
	rm -rf dist/bundle
	$(MAKE) --no-print-directory install DESTDIR=dist/bundle PREFIX=/$(BUNDLE)
	rm -f dist/bundle/$(BUNDLE)/lib/vz2osctl/lib/*.node
	tar -C dist/bundle --owner=0 --group=0 --numeric-owner --sort=name -czf dist/$(BUNDLE).tar.gz $(BUNDLE)
	rm -rf dist/bundle

clean:
	rm -rf dist build node_modules
