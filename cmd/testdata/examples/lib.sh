# Shared by the examples. BASE is a server, TOKEN a login of the owner, EMAIL their address,
# PLAIN a server without a catalog, PLAIN_TOKEN a login there.

fail() {
	echo "$*" >&2
	exit 1
}

# want TEXT OUTPUT: the output must hold the text.
want() {
	case "$2" in
	*"$1"*) ;;
	*) fail "no '$1' in: $2" ;;
	esac
}

# api METHOD PATH [curl's arguments]: an answer and, in a line of its own, its status.
api() {
	method=$1 path=$2
	shift 2
	curl -sS -X "$method" "${HOST:-$BASE}$path" -H "Authorization: Bearer ${AS:-$TOKEN}" -w '\n%{http_code}' "$@"
}

# must STATUS METHOD PATH [...]: api, which has to have the status; prints the answer.
must() {
	expected=$1
	shift
	out=$(api "$@")
	[ "${out##*
}" = "$expected" ] || fail "$* answered: $out"
	printf '%s' "${out%
*}"
}

json() { printf 'Content-Type: application/json'; }

# field NAME JSON: the first text field of the name.
field() { printf '%s' "$2" | sed -n 's/.*"'"$1"'":"\([^"]*\)".*/\1/p' | head -n 1; }

# until_holds TEXT METHOD PATH: asks until the answer holds the text, which comes by itself.
until_holds() {
	text=$1 tries=0
	shift
	while :; do
		out=$(must 200 "$@")
		case "$out" in *"$text"*) return ;; esac
		tries=$((tries + 1))
		[ $tries -lt 3000 ] || fail "no '$text' in: $out"
	done
}
