# A tar.gz as upstream names it, with its SHA-256, from a file and from an address.
mkdir -p "$WORK/omar"
printf 'name: Omar\nversion: 1.1.30\ndescription: Cooks.\n' >"$WORK/omar/manifest.yaml"
echo "print('nobody runs this')" >"$WORK/omar/agent.py"
(cd "$WORK" && tar -czf omar-1.1.30.tar.gz omar)
sum=$(sha256sum "$WORK/omar-1.1.30.tar.gz" | cut -d ' ' -f 1)
tmates tmate install "$WORK/omar-1.1.30.tar.gz" --sha256 "$sum"
[ ! -e "$DATA/tmates/omar/agent.py" ] || fail "code came along"

# The same bytes each time, and from the network never without the sum.
tmates tmate bundle "$DATA/tmates/omar" -o "$WORK/one.tar.gz" >/dev/null
tmates tmate bundle "$DATA/tmates/omar" -o "$WORK/two.tar.gz" >/dev/null
cmp "$WORK/one.tar.gz" "$WORK/two.tar.gz"
if tmates tmate install "$BUNDLES/pia-1.0.0.tar.gz" 2>"$WORK/said"; then fail "installed without a checksum"; fi
if tmates tmate install "$BUNDLES/pia-1.0.0.tar.gz" --sha256 "$sum" 2>"$WORK/said"; then fail "installed with a wrong checksum"; fi
[ ! -e "$DATA/tmates/pia" ] || fail "a refused bundle left something"
tmates tmate install "$BUNDLES/pia-1.0.0.tar.gz" --sha256 "$PIA_SUM"
for key in omar pia; do
	tries=0
	until tmates tmate hire $key 2>"$WORK/said"; do
		tries=$((tries + 1))
		[ $tries -lt 500 ] || fail "$key does not appear: $(cat "$WORK/said")"
	done
done
want '"key":"pia"' "$(must 200 GET /v1/teammates)"
