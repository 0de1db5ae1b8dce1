# SPDX-License-Identifier: BSD-2-Clause
# A thin front: Meson and Ninja do the work, scripts in tools/ the rest.

BUILD = build
PREFIX = /usr/local
DESTDIR =
ARGS =
FUZZ_SECONDS = 60

.PHONY: all run check rfc bench shape install fuzz sim format format-check pot clean help

all: ## build build/lastack (the default)
	@tools/packages --need build
	@$(MAKE) --no-print-directory $(BUILD)/build.ninja
	@ninja -C $(BUILD)

run: ## install what is missing, build, run lastack: make run ARGS="states -j"
	@tools/packages --install build
	@$(MAKE) --no-print-directory $(BUILD)/build.ninja >&2
	@ninja -C $(BUILD) lastack >&2
	@$(BUILD)/lastack $(ARGS)

check: ## install what is missing, build with two compilers and sanitizers, run every test and check
	@tools/packages --install build check
	@tools/check

rfc: ## each requirement of RFC 9293 with the test that shows it, or why there is none; writes docs/RFC.md
	@tools/rfc --write

bench: ## install what is missing, build, measure: prints our figures beside those of ss, netstat and lwIP
	@tools/packages --install build bench
	@[ ! -e $(BUILD)/build.ninja ] || [ -e $(BUILD)/bench/lwip_helped.so ] || meson setup --reconfigure $(BUILD) >/dev/null
	@$(MAKE) --no-print-directory all
	@bench/run $(BUILD)

shape: ## our longest files, and our longest and most complex functions
	@tools/shape

install: all ## install: make install PREFIX=/usr/local DESTDIR=
	@meson configure $(BUILD) -Dprefix=$(PREFIX)
	@DESTDIR=$(DESTDIR) meson install -C $(BUILD)

fuzz: ## run each fuzz target for FUZZ_SECONDS=60
	@tools/packages --need build check
	@tools/fuzz $(FUZZ_SECONDS)

sim: ## two stacks over a bad network, repeated from its number: make sim SEED=42, or RUNS=1000 from a random one
	@tools/packages --need build check
	@$(MAKE) --no-print-directory $(BUILD)/build.ninja >&2
	@ninja --quiet -C $(BUILD) tests/sim/sim >&2
	@$(BUILD)/tests/sim/sim --save $(BUILD) $(if $(SEED),--seed '$(SEED)') $(if $(RUNS),--runs '$(RUNS)') \
		$(if $(TROUBLE),--trouble '$(TROUBLE)') $(if $(PCAP),--pcap '$(PCAP)') $(if $(LADDER),--ladder '$(LADDER)')

format: ## lay out the C sources as .clang-format says
	@tools/check --list-c | xargs clang-format -i

format-check: ## say which C sources are not laid out so
	@tools/check formatting

pot: ## write po/POTFILES and, from it, po/lastack.pot, where translations begin
	@{ sed -n '/^#/p' po/POTFILES; tools/check --list-texts; } >po/POTFILES.new
	@mv po/POTFILES.new po/POTFILES
	@$(MAKE) --no-print-directory $(BUILD)/build.ninja
	@ninja -C $(BUILD) lastack-pot

clean: ## remove what was built
	rm -rf $(BUILD) build-gcc build-clang-sanitize build-fuzz

help: ## list these targets
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  make \1	\2/p' Makefile | expand -t 22

$(BUILD)/build.ninja:
	meson setup $(BUILD)
