# One list of local tmates and those of the catalog, each with a hired flag.
until_holds '"key":"stella"' GET /v1/agents/store
want '"key":"adam"' "$out"
want '"hired":true' "$out"
want '"hired":false' "$out"
want '"source":"catalog"' "$out"
out=$(HOST=$PLAIN AS=$PLAIN_TOKEN must 200 GET /v1/agents/store)
want '"source":"filesystem"' "$out"
