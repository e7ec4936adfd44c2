#!/usr/bin/env bash
# Sends a running server what Schemathesis makes out of its document, and fails
# on an answer the document does not have and on every failure of the server.
# Everything it needs lies in a folder that is gone afterwards. Arguments go to
# Schemathesis, for example --seed=1 or --include-path=/v1/chats.
set -euo pipefail
cd "$(dirname "$0")/../../.."
version=4.32.5
examples=${EXAMPLES:-25} # of each operation and phase

command -v python3 >/dev/null || { echo 'make fuzz-api: python3 is missing, so nothing was tried.'; exit 0; }
folder=$(mktemp -d)
server=
cleanup() {
  if [ -n "$server" ]; then kill "$server" && wait "$server" || true; fi
  rm -rf "$folder"
}
trap cleanup EXIT

python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check "schemathesis==$version"
CGO_ENABLED=0 "${GO:-go}" build -o "$folder/tmates" .

export TMATES_DATA="$folder/data" TMATES_CHAT_HOLD_POLL=0s TMATES_CHAT_MESSAGES_PER_MINUTE=0 TMATES_QUEUE_ACTIVE_JOBS_PER_USER=0 \
  TMATES_STORE_SYNCHRONOUS=normal
"$folder/tmates" user add fuzz@example.org >/dev/null
"$folder/tmates" serve --listen 127.0.0.1:0 >"$folder/log" 2>&1 &
server=$!
for _ in $(seq 100); do
  url=$(sed -n 's|.*\(http://127\.0\.0\.1:[0-9]*\).*|\1|p' "$folder/log" | head -n 1)
  [ -n "$url" ] && break
  sleep 0.1
done
token=$("$folder/venv/bin/python" - "$url" "$("$folder/tmates" user code fuzz@example.org)" <<'PYTHON'
import json, re, sys, urllib.request
url, code = sys.argv[1], re.search(r"\d{6,}", sys.argv[2]).group()
body = json.dumps({"type": "email", "email": "fuzz@example.org", "token": code}).encode()
print(json.load(urllib.request.urlopen(urllib.request.Request(url + "/auth/v1/verify", body)))["access_token"])
PYTHON
)

cat >"$folder/schemathesis.toml" <<'TOML'
# What nobody configured says so with 503.
[[operations]]
include-operation-id = ["createCheckout", "createPortal", "syncBilling", "billingWebhook", "listCatalogAgents", "listAgentCatalog", "syncAgentCatalog", "syncCatalogAgents"]
checks.not_a_server_error.expected-statuses = ["2xx", "3xx", "4xx", 503]
TOML
cd "$folder" # it keeps a cache where it runs
"$folder/venv/bin/schemathesis" --config-file "$folder/schemathesis.toml" run "$url/openapi.json" --url "$url" --header "Authorization: Bearer $token" \
  --checks not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,response_schema_conformance \
  --exclude-tag realtime --phases examples,coverage,fuzzing --max-examples "$examples" --continue-on-failure --generation-database none "$@"
