# `make test` is the whole gate; the other targets are parts of it or tools.

GO ?= go
export CGO_ENABLED ?= 0

.PHONY: build bench test test-model crash soak vet unit clients lint fmt fuzz fuzz-api docs-assets docs-check ui ui-dev ui-check browser bench-ui cross clean

build: ## the program, as it is released
	$(GO) build -trimpath -ldflags '-s -w' -o tmates .

bench: build ## what the program reaches on this machine, beside its goals; grows a database of a million messages, so it takes minutes and 2 GB
	./tmates bench --full $(BENCH_ARGS)

test: vet clients docs-check ui-check unit browser ## everything that has to pass

vet:
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { gofmt -l $$(git ls-files '*.go'); echo 'run: make fmt'; exit 1; }
	$(GO) vet ./...
	$(GO) mod verify
	@grep -q "modernc.org/libc $$($(GO) list -m -f '{{.GoMod}}' modernc.org/sqlite | xargs grep -h 'modernc.org/libc ' | awk '{print $$2}')" go.mod \
		|| { echo 'go.mod: modernc.org/libc differs from the one modernc.org/sqlite was made with'; exit 1; }

# The race detector needs cgo, the program does not.
unit:
	CGO_ENABLED=1 $(GO) test -race -shuffle=on -timeout 20m ./...

# Node and the client library are only needed by the tests that drive the server
# with it; without them those tests say so and are skipped, except in CI.
clients:
	@if ! command -v npm >/dev/null 2>&1; then \
		echo 'make test: npm is missing, so the tests with the official client library are skipped. Install Node 20 or newer.'; \
	elif ! (cd cmd/clienttest && npm ci --no-audit --no-fund --loglevel=error); then \
		echo 'make test: npm could not install the packages of cmd/clienttest, so the tests with the official client library are skipped.'; \
	fi

# The renderer of /docs is committed, packed, so that `go build` needs no Node. These two make it anew from the locked package, and compare.
docs-assets: web/docs/node_modules
	cd web/docs && for f in swagger-ui-bundle.js swagger-ui.css; do gzip -9 -n -c node_modules/swagger-ui-dist/$$f > $$f.gz; done
	cd web/docs && { echo 'swagger-ui-dist, which draws the pages /docs and /redoc:'; cat node_modules/swagger-ui-dist/NOTICE node_modules/swagger-ui-dist/LICENSE; \
		echo; echo 'Parts inside swagger-ui-bundle.js:'; cat node_modules/swagger-ui-dist/swagger-ui-bundle.js.LICENSE.txt; } > LICENSE.txt

docs-check:
	@if ! command -v npm >/dev/null 2>&1; then echo 'make test: npm is missing, so web/docs is not compared with its package.'; \
	elif ! $(MAKE) -s web/docs/node_modules; then echo 'make test: npm could not install the package of web/docs, so it is not compared.'; \
	else cd web/docs && for f in swagger-ui-bundle.js swagger-ui.css; do \
		gzip -d -c $$f.gz | cmp - node_modules/swagger-ui-dist/$$f || { echo "web/docs/$$f.gz is not what the locked package has; run: make docs-assets"; exit 1; }; done; fi

web/docs/node_modules: web/docs/package-lock.json
	cd web/docs && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

# The built web app is committed, so that `go build` needs no Node. Its sources are in web/app.
ui: web/app/node_modules ## builds the web app into web/dist
	cd web/app && npm run --silent build

SERVER ?= http://127.0.0.1:8000
ui-dev: web/app/node_modules ## the web app with hot reload; the API and the socket are those of SERVER, which runs already
	cd web/app && TMATES_DEV_SERVER='$(SERVER)' npm run --silent dev

# Without Node this says so and is skipped, except in CI.
ui-check:
	@if ! command -v npm >/dev/null 2>&1; then \
		echo 'make test: npm is missing, so web/dist is not compared with its sources, nor are those tested. Install Node 20 or newer.'; test "$$CI" != true; \
	elif ! $(MAKE) -s web/app/node_modules; then \
		echo 'make test: npm could not install the packages of web/app, so web/dist is not compared with its sources.'; test "$$CI" != true; \
	else cd web/app && npm run --silent check && npm run --silent unit && npm run --silent same; fi

# The web app in a browser, on the program as it is released. Without Node or chromium this says so and is skipped; in CI it is installed.
browser:
	@if [ "$$CI" = true ] && [ -z "$$CHROMIUM" ] && ! command -v chromium >/dev/null 2>&1; then \
		apt-get update -q && apt-get install -qy --no-install-recommends chromium; fi
	@if ! command -v npm >/dev/null 2>&1; then \
		echo 'make test: npm is missing, so the web app is not tried in a browser. Install Node 20 or newer.'; test "$$CI" != true; \
	elif [ -z "$$CHROMIUM" ] && ! command -v chromium >/dev/null 2>&1; then \
		echo 'make test: chromium is missing, so the web app is not tried in a browser. Install it, or say in CHROMIUM where it is.'; test "$$CI" != true; \
	elif ! $(MAKE) -s web/app/node_modules; then \
		echo 'make test: npm could not install the packages of web/app, so it is not tried in a browser.'; test "$$CI" != true; \
	else cd web/app && npm run --silent e2e; fi

bench-ui: web/app/node_modules ## what the web app reaches in a browser on this machine, beside its goals; needs chromium
	cd web/app && npm run --silent bench

web/app/node_modules: web/app/package-lock.json
	cd web/app && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

# Small boards and other desktops: it has to compile for them. Each compiles SQLite once more, so it is no part of the gate.
cross:
	GOOS=linux GOARCH=arm64 $(GO) vet ./store ./cmd/...
	GOOS=windows GOARCH=amd64 $(GO) vet ./store

lint: ## needs golangci-lint 2
	golangci-lint run

fmt:
	gofmt -w $$(git ls-files '*.go')

FUZZTIME ?= 20s
fuzz: ## every fuzz target for FUZZTIME
	@for pkg in $$($(GO) list ./...); do \
		for target in $$($(GO) test -list '^Fuzz' $$pkg | grep '^Fuzz'); do \
			echo "$$pkg $$target"; CGO_ENABLED=0 $(GO) test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) $$pkg || exit 1; \
		done; \
	done

# A model of yours, so it is no part of the gate: make test-model BASE_URL=http://127.0.0.1:11434 TYPE=ollama [MODEL=…]. A key is read from API_KEY.
test-model:
	@test -n "$(BASE_URL)" || { echo 'make test-model: say where the model is, as in BASE_URL=http://127.0.0.1:11434 TYPE=ollama'; exit 2; }
	TEST_MODEL_BASE_URL='$(BASE_URL)' TEST_MODEL_TYPE='$(TYPE)' TEST_MODEL='$(MODEL)' TEST_MODEL_API_KEY="$$API_KEY" \
		$(GO) test -count=1 -v -timeout 30m -run '^TestRealModel$$' ./cmd

CRASH_ROUNDS ?= 200
crash: ## kills the program and cuts its power CRASH_ROUNDS times; LAB_SEED repeats what a failed one says
	LAB_ROUNDS=$(CRASH_ROUNDS) $(GO) test -count=1 -v -timeout 2h -run '^TestCrash$$' ./cmd/lab

SOAK_TIME ?= 1h
soak: ## mixed traffic with 200 sockets for SOAK_TIME, and what grew
	SOAK_TIME=$(SOAK_TIME) $(GO) test -count=1 -v -timeout 24h -run '^TestSoak$$' ./cmd/lab

fuzz-api: ## what Schemathesis makes out of the document, when there is Python; EXAMPLES of each operation
	server/v1/contract/fuzz.sh $(FUZZ_ARGS)

clean:
	rm -f tmates
