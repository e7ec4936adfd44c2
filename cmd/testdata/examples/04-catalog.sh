want '"key":"stella"' "$(must 200 GET /v1/agent-catalog)"
out=$(must 200 POST /v1/agent-catalog/sync)
for count in added updated removed unchanged errors; do
	want "\"$count\":" "$out"
done
want '"unchanged":1' "$(must 200 POST /v1/agent-catalog/sync)"
HOST=$PLAIN AS=$PLAIN_TOKEN must 503 GET /v1/agent-catalog >/dev/null
HOST=$PLAIN AS=$PLAIN_TOKEN must 503 POST /v1/agent-catalog/sync >/dev/null
