# One list of local tmates and those of the catalog, each with a hired flag.
out=$(must 200 GET /v1/agents/store)
want '"key":"adam"' "$out"
want '"key":"stella"' "$out"
want '"hired":true' "$out"
want '"hired":false' "$out"
want '"source":"catalog"' "$out"
out=$(HOST=$PLAIN AS=$PLAIN_TOKEN must 200 GET /v1/agents/store)
want '"source":"filesystem"' "$out"
