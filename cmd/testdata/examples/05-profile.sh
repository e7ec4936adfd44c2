[ "$(must 200 GET /v1/profile/me)" = "$(must 200 GET /v1/profile)" ] || fail "the two profiles differ"
want "\"email\":\"$EMAIL\"" "$(must 200 GET /v1/profile/me)"
