for path in /docs /redoc /openapi.json /health /v1/health; do
	out=$(curl -sS -w '\n%{http_code}' "$BASE$path")
	[ "${out##*
}" = 200 ] || fail "$path answered: $out"
done
want '"openapi":"3.1' "$(curl -sS "$BASE/openapi.json")"
want '"status":"ok"' "$(curl -sS "$BASE/v1/health")"
