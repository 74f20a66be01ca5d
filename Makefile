# Every target works on a Debian machine with Go, gcc and make; the scripts
# install what else they need, or say the one command that does.

GO      ?= go
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
BIN     ?= bin/vinbot
COMMIT  ?= $(shell git rev-parse --short=12 HEAD 2>/dev/null || echo unknown)

# Static: no shared library, no zone files, no user database.
TAGS    := netgo osusergo sqlite_omit_load_extension
# Of C only what is called: without tables that unwind its stack, room to align its
# jumps, unused functions and what SQLite can do besides it is 400 kB less. Go's cache
# does not look into the header: its checksum stands for it.
CFLAGS  := -O2 -fno-align-functions -fno-align-jumps -fno-align-loops -fno-align-labels \
	-fno-asynchronous-unwind-tables -fno-unwind-tables -ffunction-sections -fdata-sections \
	-DSQLITE_H=$(shell cksum < scripts/sqlite.h | cut -d" " -f1) -include "$(CURDIR)/scripts/sqlite.h"
LDFLAGS := -s -w -linkmode external -extldflags "-static -Wl,--gc-sections" -X main.version=$(VERSION) -X main.commit=$(COMMIT)

.DEFAULT_GOAL := help
.PHONY: help demo run build test lint fmt bench bench-scale bench-compare soak fuzz cover screenshots migration image-check release docs licenses clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: build ## the whole bot against a built-in Telegram, in the browser; needs no token
	@LOG_FORMAT=$${LOG_FORMAT:-console} exec bin/vinbot demo

run: build ## the bot itself, with the settings of .env
	@exec bin/vinbot run

build: ## the static binary bin/vinbot
	CGO_ENABLED=1 CGO_CFLAGS='$(CFLAGS)' $(GO) build -trimpath -buildvcs=false -tags '$(TAGS)' -ldflags '$(LDFLAGS)' -o '$(BIN)' ./cmd/vinbot

test: ## every test, with the race detector
	@scripts/setup-test
	@scripts/test

lint: ## linter, formatting, go.mod, known vulnerabilities
	@scripts/lint

fmt: ## format all Go files
	@scripts/setup-lint
	@.tools/bin/golangci-lint fmt ./...

bench: ## every benchmark
	@scripts/bench

bench-scale: ## with 1,000, 100,000 and 1,000,000 tickets, on both databases
	@scripts/bench-scale

bench-compare: ## what changed since another commit, by benchstat: make bench-compare BASE=rev
	@scripts/bench-compare

soak: ## 200 VINs a second for half an hour, a line a minute; SOAK_MINUTES=30 SOAK_RATE=200
	@scripts/soak

fuzz: ## every fuzz target for a short while; FUZZTIME=10s
	@scripts/fuzz

cover: ## which part of the code the tests run; coverage.out
	@scripts/setup-test
	$(GO) test -coverpkg=./cmd/...,./internal/... -coverprofile=coverage.out ./...
	@$(GO) tool cover -func=coverage.out | tail -n 1

screenshots: ## the pictures of the panel and of the demo in docs/
	@scripts/setup-test
	@scripts/panel-screenshots
	@scripts/demo-screenshot

migration: ## begin a migration on each database: make migration NAME=add_ratings
	@scripts/new-migration '$(NAME)'

image-check: ## build the Dockerfile without a container engine, and try the image
	@scripts/image-check

release: ## what is published: binaries for amd64 and arm64, checksums, what they are made of; dist/
	@scripts/release

docs: ## what is written from the code: docs/settings.md
	@$(GO) run ./scripts/settings > docs/settings.tmp
	@mv docs/settings.tmp docs/settings.md

licenses: ## the licences of all that is in the binary: docs/third-party-licenses.txt
	@$(GO) run ./scripts/licenses > docs/third-party-licenses.tmp
	@mv docs/third-party-licenses.tmp docs/third-party-licenses.txt

clean: ## remove what was built
	rm -rf bin dist coverage.out
