# One make sees every file (no recursion). What a variant builds lives in
# build/$(VARIANT)/, so that variants never mix. `make help` lists the targets.

VARIANT ?= release
VERSION := $(shell sed -n 's/.*DUM_VERSION "\(.*\)"/\1/p' lib/base/version.h)

B   := build/$(VARIANT)
BIN := $(B)/bin
GEN := $(B)/gen

# CC, CFLAGS, CPPFLAGS, LDFLAGS, DESTDIR and PREFIX belong to whoever builds;
# the project's own flags stand beside them and are never overwritten.
CC         ?= gcc
CFLAGS     ?= -O2 -g
PKG_CONFIG ?= pkg-config
SQLITE_PKG ?= sqlite3

# libcsv comes without a pkg-config file.
LIB_PKGS  := $(SQLITE_PKG) jansson libgcrypt zlib
APP_PKGS  := fcgi
TEST_PKGS := cmocka
LIB_LIBS  := $(shell $(PKG_CONFIG) --libs $(LIB_PKGS)) -lcsv -lm
APP_LIBS  := $(shell $(PKG_CONFIG) --libs $(APP_PKGS))
TEST_LIBS := $(shell $(PKG_CONFIG) --libs $(TEST_PKGS) 2>/dev/null)

WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wformat=2 \
        -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wundef \
        -Wpointer-arith -Wwrite-strings -Wswitch-enum
ifdef CI
WARN += -Werror
endif
HARDEN := -fstack-protector-strong -fstack-clash-protection -fPIE
ifneq ($(filter x86_64-% i686-%,$(shell $(CC) -dumpmachine)),)
HARDEN += -fcf-protection=full
endif
# On machines of 32 bits, too, files may be large and years late.
WIDE := -D_FILE_OFFSET_BITS=64 -D_TIME_BITS=64
DUM_CPPFLAGS := -D_GNU_SOURCE $(WIDE) -Ilib -I$(GEN) \
                $(shell $(PKG_CONFIG) --cflags $(LIB_PKGS) $(APP_PKGS))
DUM_CFLAGS   := -std=c17 $(WARN) -fno-common $(HARDEN)
DUM_LDFLAGS  := -pie -Wl,-z,relro,-z,now -Wl,--as-needed

FORTIFY := -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
# The same bytes below any path: dpkg's own flag for it is left out where the
# path has a space.
VFLAGS.release  := $(FORTIFY) -ffile-prefix-map='$(CURDIR)=.'
VFLAGS.debug    := -O0 -g3 -Werror
VFLAGS.asan     := -O1 -g3 -Werror -fsanitize=address,undefined \
                   -fno-sanitize-recover=all -fno-omit-frame-pointer
VFLAGS.fuzz     := -O1 -g -fsanitize=address,undefined,fuzzer-no-link \
                   -fno-sanitize-recover=all -fno-omit-frame-pointer -Wno-format-nonliteral
VFLAGS.coverage := -O0 -g3 --coverage
# Leaks are the sanitizer's to find: gcc 12 takes what is stored by way of two
# pointers for lost.
VFLAGS.analyze  := -O1 -fanalyzer -Wno-analyzer-malloc-leak
ifeq ($(origin VFLAGS.$(VARIANT)),undefined)
$(error unknown VARIANT '$(VARIANT)': release, debug, asan, fuzz, coverage or analyze)
endif
VFLAGS := $(VFLAGS.$(VARIANT))

LIB_SRC  := $(wildcard lib/*/*.c)
APP_MAIN := fcgi-app/main.c
APP_SRC  := $(filter-out $(APP_MAIN),$(wildcard fcgi-app/*.c fcgi-app/res/*.c))
TOOL_SRC := $(wildcard tools/dum-*.c)
TOOL_COMMON_SRC := $(filter-out $(TOOL_SRC),$(wildcard tools/*.c))
UNIT_SRC := $(wildcard test/unit/test_*.c)
APPT_SRC := $(wildcard test/app/test_*.c)
FUZZ_SRC := $(wildcard test/fuzz/fuzz_*.c)
UNIT_COMMON_SRC := $(filter-out $(UNIT_SRC),$(wildcard test/unit/*.c))
APPT_COMMON_SRC := $(filter-out $(APPT_SRC),$(wildcard test/app/*.c)) \
                   test/unit/fixture.c
GEN_SRC  := $(GEN)/sql_queries.c $(GEN)/sql_migrations.c \
            $(GEN)/common_passwords.c
APP_GEN  := $(GEN)/openapi_text.c
GEN_HDR  := $(GEN)/sql_queries.h

obj = $(patsubst %.c,$(B)/obj/%.o,$(filter-out $(GEN)/%,$(1))) \
      $(patsubst $(GEN)/%.c,$(B)/obj/gen/%.o,$(filter $(GEN)/%,$(1)))

LIB      := $(B)/libdum.a
APP_LIB  := $(B)/libapp.a
TOOL_LIB := $(B)/libtool.a
PROGRAMS := $(BIN)/dum-api $(TOOL_SRC:tools/%.c=$(BIN)/%)
TESTS    := $(UNIT_SRC:test/unit/%.c=$(B)/test/%) \
            $(APPT_SRC:test/app/%.c=$(B)/test/app_%)
ALL_SRC  := $(LIB_SRC) $(APP_MAIN) $(APP_SRC) $(TOOL_SRC) $(TOOL_COMMON_SRC) \
            $(UNIT_SRC) $(APPT_SRC) $(FUZZ_SRC) $(UNIT_COMMON_SRC) $(APPT_COMMON_SRC) \
            $(GEN_SRC) $(APP_GEN)
C_FILES  := $(wildcard lib/*/*.[ch] fcgi-app/*.[ch] fcgi-app/res/*.[ch] \
              tools/*.[ch] test/unit/*.[ch] test/app/*.[ch] test/fuzz/*.[ch])
C_HEADERS := $(wildcard lib/*/*.h fcgi-app/*.h fcgi-app/res/*.h tools/*.h)

# Commands are told in short; V=1 shows them whole.
ifeq ($(V),)
Q   := @
say  = @echo '  $(1)'
endif

.PHONY: all programs tests www lint format test check bench fuzz fuzzers \
        install clean help \
        lint-format lint-headers lint-rules lint-cppcheck lint-tidy lint-paths \
        lint-shell
.DELETE_ON_ERROR:
.SECONDARY:

all: programs www               ## build every program and the page (VARIANT=release)

programs: $(PROGRAMS)           ## build every program into build/VARIANT/bin

tests: $(TESTS)                 ## build the unit and handler tests

# --- compiling ------------------------------------------------------------

$(B)/obj/%.o: %.c Makefile | $(GEN_HDR)
	@mkdir -p $(@D)
	$(call say,compile $<)
	$(Q)$(CC) $(DUM_CPPFLAGS) $(CPPFLAGS) $(DUM_CFLAGS) $(CFLAGS) $(VFLAGS) \
	  $(EXTRA) -MMD -MP -c -o $@ $<

$(B)/obj/fcgi-app/%.o: EXTRA := -Ifcgi-app
$(B)/obj/tools/%.o: EXTRA := -Itools
$(B)/obj/test/unit/%.o: EXTRA := -Itest/unit -Itools
$(B)/obj/test/app/%.o: EXTRA := -Ifcgi-app -Itest/app -Itest/unit

# What is embedded is longer than the 4095 bytes that C promises.
$(B)/obj/gen/%.o: $(GEN)/%.c Makefile
	@mkdir -p $(@D)
	$(call say,compile $<)
	$(Q)$(CC) $(DUM_CPPFLAGS) $(CPPFLAGS) $(DUM_CFLAGS) $(CFLAGS) $(VFLAGS) \
	  $(EXTRA) -Wno-overlength-strings -MMD -MP -c -o $@ $<

$(B)/obj/gen/openapi_text.o: EXTRA := -Ifcgi-app

$(GEN)/sql_queries.h $(GEN)/sql_queries.c &: sql/embed.awk $(wildcard sql/queries/*.sql)
	@mkdir -p $(GEN)
	$(Q)awk -v header=$(GEN)/sql_queries.h -v source=$(GEN)/sql_queries.c \
	  -f sql/embed.awk $(sort $(wildcard sql/queries/*.sql))

$(GEN)/sql_migrations.c: sql/embed_migrations.awk $(wildcard sql/migrations/*.sql)
	@mkdir -p $(GEN)
	$(Q)awk -f sql/embed_migrations.awk $(sort $(wildcard sql/migrations/*.sql)) > $@

$(GEN)/common_passwords.c: lib/access/embed_passwords.awk lib/access/common_passwords.txt
	@mkdir -p $(GEN)
	$(Q)LC_ALL=C awk -f $^ > $@

$(GEN)/openapi_text.c: fcgi-app/embed_openapi.awk docs/openapi.json
	@mkdir -p $(GEN)
	$(Q)LC_ALL=C awk -f $^ > $@

$(LIB): $(call obj,$(LIB_SRC) $(GEN_SRC))
$(APP_LIB): $(call obj,$(APP_SRC) $(APP_GEN))
$(TOOL_LIB): $(call obj,$(TOOL_COMMON_SRC))
$(LIB) $(APP_LIB) $(TOOL_LIB):
	@rm -f $@
	$(call say,archive $@)
	$(Q)$(AR) rcs $@ $^

link = @mkdir -p $(@D); $(if $(Q),echo '  link $@';,set -x;) $(CC) $(CFLAGS) $(VFLAGS) $(DUM_LDFLAGS) $(LDFLAGS) \
       -o $@ $(filter %.o %.a,$^) $(1) $(LIB_LIBS)

$(BIN)/dum-api: $(call obj,$(APP_MAIN)) $(APP_LIB) $(LIB)
	$(call link,$(APP_LIBS))
$(BIN)/dum-%: $(B)/obj/tools/dum-%.o $(TOOL_LIB) $(LIB)
	$(call link)
$(B)/test/app_%: $(B)/obj/test/app/%.o $(call obj,$(APPT_COMMON_SRC)) $(APP_LIB) $(LIB)
	$(call link,$(TEST_LIBS) $(APP_LIBS))
$(B)/test/%: $(B)/obj/test/unit/%.o $(call obj,$(UNIT_COMMON_SRC)) $(TOOL_LIB) $(LIB)
	$(call link,$(TEST_LIBS))

# A fuzzer is one file; it may use all of the library and of dum-api.
FUZZERS := $(FUZZ_SRC:test/fuzz/%.c=$(B)/fuzz/%)

$(B)/obj/test/fuzz/%.o: EXTRA := -Ifcgi-app -Itest/fuzz
$(B)/fuzz/%: $(B)/obj/test/fuzz/%.o $(APP_LIB) $(LIB)
	$(call link,-fsanitize=fuzzer $(APP_LIBS))

-include $(patsubst %.o,%.d,$(call obj,$(ALL_SRC)))

# --- the page -------------------------------------------------------------

WWW_SRC := $(shell find www -path www/node_modules -prune -o -type f -print 2>/dev/null)

www: build/www/index.html       ## bundle the page into build/www

www/node_modules/.package-lock.json: www/package.json www/package-lock.json
	cd www && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

build/www/index.html: $(WWW_SRC) www/node_modules/.package-lock.json
	node www/build.mjs build/www
	@touch $@

# --- checking -------------------------------------------------------------

test:                           ## every test there is (scripts/test)
	scripts/test

.PHONY: fault
fault:                          ## the fault tests, at every call and not at a choice (hours)
	DUM_LONG=1 scripts/test fault

.PHONY: test-fresh
test-fresh:                     ## both commands of the README in fresh Debian roots (as root)
	test/fresh-root.sh

.PHONY: test-install
test-install:                   ## the package's whole life in a fresh Debian root (as root)
	test/install.sh

.PHONY: test-container
test-container:                 ## the image and its containers, without an engine (as root)
	test/container.sh

.PHONY: test-cross
test-cross:                     ## the package for arm64 and armhf, and its tools under qemu (as root)
	test/cross.sh

lint: lint-format lint-headers lint-rules lint-shell lint-cppcheck lint-paths  ## formatting, layers, banned calls, static analysis

lint-format:
	clang-format --dry-run -Werror $(C_FILES)

format:                         ## lay out the C files by .clang-format
	clang-format -i $(C_FILES)

lint-headers: $(GEN_HDR)
	@for h in $(C_HEADERS); do \
	  $(CC) $(DUM_CPPFLAGS) -Ifcgi-app -Itools $(DUM_CFLAGS) -Werror \
	    -Wno-pedantic -fsyntax-only -include $$h -x c /dev/null || exit 1; done

lint-rules:
	python3 test/lint/rules.py

lint-shell:
	shellcheck scripts/run scripts/test scripts/deps scripts/setup scripts/cron scripts/dist scripts/deb scripts/container \
	  $(wildcard scripts/*.sh test/*.sh test/*/*.sh .ci/run)

lint-cppcheck: $(GEN_HDR)
	cppcheck --std=c11 --enable=warning,portability,performance \
	  --inline-suppr --suppress=missingIncludeSystem --error-exitcode=1 -q \
	  -j2 -D_GNU_SOURCE -Ilib -Ifcgi-app -Itools lib fcgi-app tools

# $(call tidy,OPTIONS)
tidy = printf '%s\n' $(LIB_SRC) $(APP_MAIN) $(APP_SRC) $(TOOL_SRC) $(TOOL_COMMON_SRC) | \
	xargs -P2 -n8 sh -c 'clang-tidy --quiet $(1) "$$@" -- -std=c17 $(DUM_CPPFLAGS) -Ifcgi-app -Itools 2>/dev/null' tidy

lint-tidy: $(GEN_HDR)
	$(call tidy,--checks=-clang-analyzer-*)

# Every path through every function is nine tenths of the time, which
# scripts/test has no room for.
lint-paths: $(GEN_HDR)
	$(call tidy)

FUZZ_S ?= 60

fuzzers: $(FUZZERS)

fuzz:                           ## run each fuzzer for FUZZ_S seconds (60), with clang
	@$(MAKE) --no-print-directory VARIANT=fuzz CC=clang fuzzers
	@test/fuzz/run.sh build/fuzz $(FUZZ_S)

bench: all                      ## measure the hot paths, warm and cold
	test/bench/run.sh

.PHONY: bench-backup
bench-backup: programs          ## a backup and its proof beside sqlite3's and gzip's
	python3 test/bench/backup.py

# --- installing -----------------------------------------------------------

PREFIX ?= /usr/local
NAME   := data-usage-monitor
SHARE  := $(DESTDIR)$(PREFIX)/share/$(NAME)
MAN    := $(DESTDIR)$(PREFIX)/share/man
TOOLS  := $(filter-out $(BIN)/dum-api,$(PROGRAMS))

install: programs               ## install what was built under DESTDIR and PREFIX
	@test -f build/www/index.html || { echo 'build the page first: make www'; exit 1; }
	install -d "$(DESTDIR)$(PREFIX)/bin" "$(DESTDIR)$(PREFIX)/sbin" \
	  "$(DESTDIR)$(PREFIX)/lib/$(NAME)" "$(SHARE)/nginx" "$(SHARE)/setup" "$(SHARE)/system"
	install -m 0755 $(TOOLS) "$(DESTDIR)$(PREFIX)/bin"
	install -m 0755 $(BIN)/dum-api "$(DESTDIR)$(PREFIX)/lib/$(NAME)"
	install -m 0755 scripts/cron "$(DESTDIR)$(PREFIX)/lib/$(NAME)/dum-cron"
	install -m 0755 scripts/setup "$(DESTDIR)$(PREFIX)/sbin/dum-setup"
	install -m 0644 scripts/setup-*.sh "$(SHARE)/setup"
	install -m 0644 $(wildcard nginx/dum-*) nginx/site.conf.in "$(SHARE)/nginx"
	install -m 0644 scripts/dum.conf.in "$(SHARE)"
	install -m 0644 debian/$(NAME).service debian/$(NAME)@.service debian/$(NAME).tmpfiles "$(SHARE)/system"
	install -m 0644 debian/$(NAME).cron.d "$(SHARE)/system/cron.d"
	install -m 0644 debian/$(NAME).logrotate "$(SHARE)/system/logrotate"
	for unit in service timer; do \
	  install -m 0644 debian/$(NAME).$(NAME)-jobs.$$unit "$(SHARE)/system/$(NAME)-jobs.$$unit"; \
	  install -m 0644 debian/$(NAME).$(NAME)-jobs@.$$unit "$(SHARE)/system/$(NAME)-jobs@.$$unit"; done
	cp -r --no-preserve=all build/www "$(SHARE)"
	for section in 5 8; do \
	  install -d "$(MAN)/man$$section"; \
	  install -m 0644 debian/man/*.$$section "$(MAN)/man$$section"; done

# --- releasing ------------------------------------------------------------

.PHONY: dist deb deb-twice sbom
TARBALL := build/dist/$(NAME)-$(VERSION).tar.gz

dist: www                       ## the source with the page built, in build/dist
	@scripts/dist build/dist

deb: dist                       ## the Debian package, in build/dist (ARCH=arm64 for another machine)
	@scripts/deb $(TARBALL) build/dist $(ARCH)

deb-twice: dist                 ## is the package the same bytes wherever it is built?
	test/reproducible.sh $(TARBALL)

sbom: programs                  ## what is in it, as CycloneDX JSON: build/dist/sbom.json
	@mkdir -p build/dist
	scripts/sbom $(BIN) >build/dist/sbom.json.partial
	@mv build/dist/sbom.json.partial build/dist/sbom.json

clean:                          ## remove everything that was built
	rm -rf build

help:                           ## this list
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/\1\t\2/p' Makefile | expand -t 14
