# `make test` is what has to pass. It installs what it needs where it may (Debian, as root), and says plainly what is missing where it may not.
GO      ?= go
PKG     ?= ./...
FUZZ    ?= 20s
SEEDS   ?= 10
COUNT   ?= 1
SCORE   ?=
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)

.PHONY: run build test quick lint fuzz score bench chaos needs generate

## run: open the demo chat
run:
	$(GO) run ./cmd/recbot demo --open

## build: one static binary, bin/recbot
build:
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags "-s -w -X main.version=$(VERSION)" -o bin/recbot ./cmd/recbot

## test: everything that must be green
test: needs lint
	$(GO) test -race -shuffle=on -timeout 20m $(PKG)

## quick: no race detector, no servers, no browser; for between two thoughts
quick:
	$(GO) vet $(PKG)
	$(GO) test -short $(PKG)

## lint: format, vet, staticcheck with every check
lint:
	@out=$$(gofmt -l cmd bot handlers locales store); if [ -n "$$out" ]; then echo "gofmt would change:"; echo "$$out"; exit 1; fi
	$(GO) vet $(PKG)
	$(GO) vet -tags crashpoints ./cmd/recbot
	$(GO) tool staticcheck -checks=all $(PKG)

## fuzz: every fuzz target for $(FUZZ)
fuzz:
	@set -e; for pkg in $$($(GO) list ./...); do \
	  for target in $$($(GO) test -list '^Fuzz' $$pkg | grep '^Fuzz' || true); do \
	    echo "$$pkg $$target"; $(GO) test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZ) $$pkg; \
	  done; done

## score: what recbot understands of the development set and how it answers, as a table; SCORE=-v lists what is wrong, QUESTIONS=fresh asks the fresh ones
QUESTIONS ?= questions
score: generate build
	python3 cmd/recbot/testdata/questions/score.py cmd/recbot/testdata/questions/$(QUESTIONS).jsonl --run 'bin/recbot ask -' $(SCORE)

## bench: the figures of docs/benchmarks.md, each $(COUNT) times; about fifteen minutes a time, five of them for a million people in Redis, which needs redis-server
bench:
	$(GO) test -run '^$$' -bench . -benchmem -count $(COUNT) -timeout 3h $(PKG)

## chaos: the long crash and fault matrices. Of each kind and on each store $(SEEDS) moments to die at are drawn by lot, beside
## those that have a name: some 900 in all, in 12 minutes on two busy processors. Most of the time bots wait, so more of them run at once
chaos: needs
	RECBOT_CHAOS=$(SEEDS) $(GO) test -count=1 -timeout 60m -parallel 6 -run 'Crash|Kill|Chaos' $(PKG)

## generate: what is made from other files (Uzbek in Cyrillic letters)
generate:
	$(GO) generate ./...

## needs: gcc for the race detector, redis-server and chromium for the tests
needs:
	@sh .ci/needs
