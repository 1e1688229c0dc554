# make demo  two servers, a migration between them, and where a real QEMU is at hand, through it
# make test  everything that is tested, installing what it needs
GO ?= go
QEMU_DIR ?= $(or $(QMPMIGRATE_QEMU_DIR),$(or $(XDG_CACHE_HOME),$(HOME)/.cache)/qmpmigrate/qemu)
export QMPMIGRATE_QEMU_DIR := $(QEMU_DIR)

# A test that fails is run once more, and told of (tests/README.md says why).
GO_TEST := $(GO) run gotest.tools/gotestsum@v1.13.0 --format standard-quiet \
	--rerun-fails=1 --rerun-fails-max-failures=3 --rerun-fails-run-root-test

.PHONY: build demo test unit interop race bench lint generate fuzz qemu libvirt clean

build:
	$(GO) build -o bin/qmpmigrate ./cmd/qmpmigrate

demo: build
	bin/qmpmigrate demo

test: lint-basic unit interop

# Some look at the libraries that come with QEMU.
unit: qemu
	$(GO_TEST) --packages "./cmd/... ./qmp/... ./hmp/... ./qapi/... ./core/... ./channels/... ./tests/law/..." -- -timeout 20m

race: qemu
	$(GO) test -race ./cmd/... ./qmp/... ./hmp/... ./qapi/... ./core/... ./channels/...

# The real QEMUs and libvirts are the yardstick: without them the tests fail.
interop: build qemu libvirt
	$(GO_TEST) --packages ./tests/... -- -timeout 25m

qemu:
	tests/qemu/install.sh

libvirt:
	tests/interop/libvirt/install.sh

bench: build qemu
	$(GO) run ./tests/bench

.PHONY: lint-basic
lint-basic:
	@files=$$(gofmt -l cmd qmp hmp qapi core channels tests); test -z "$$files" || { echo "gofmt: $$files"; exit 1; }
	$(GO) vet ./...

lint: lint-basic
	$(GO) run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0 run

generate:
	$(GO) generate ./...

# Every fuzz target in turn, FUZZTIME each.
FUZZTIME ?= 20s
fuzz:
	@for pkg in $$($(GO) list ./...); do \
		for target in $$($(GO) test -list '^Fuzz' $$pkg | grep '^Fuzz'); do \
			echo "$$pkg $$target"; \
			$(GO) test $$pkg -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 5x || exit 1; \
		done; \
	done

clean:
	rm -rf bin
