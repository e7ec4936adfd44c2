# A job while it waits or runs, and after.
out=$(must 202 POST /v1/jobs -H "$(json)" -d '{"agent_key":"adam","task":"hello"}')
job=$(field id "$out")
out=$(must 200 GET "/v1/jobs/$job")
want "\"id\":\"$job\"" "$out"
tries=0
while [ "$(field status "$out")" != succeeded ]; do
	tries=$((tries + 1))
	[ $tries -lt 2000 ] || fail "the job does not end: $out"
	out=$(must 200 GET "/v1/jobs/$job")
done
want '"exit_code":0' "$out"
want '"progress":1' "$out"
must 404 GET /v1/jobs/7b0f3c3e-2c1f-4f57-9a39-1f2f1a1c9d11 >/dev/null
