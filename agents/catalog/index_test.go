package catalog

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/store/tmates"
)

// offered names what an index offers.
func offered(x index) string {
	var out []string
	for _, e := range x.offers {
		out = append(out, e.Key+" "+e.Version)
	}
	return strings.Join(out, ", ")
}

func TestNewestPublishedVersionIsOffered(t *testing.T) {
	t.Parallel()
	one := func(key, version, status, more string) string {
		return fmt.Sprintf(`{"key":%q,"version":%q,"status":%q,"manifest":{}%s}`, key, version, status, more)
	}
	data := "[" + strings.Join([]string{
		one("zoe", "1.9.0", "published", ""), one("zoe", "1.10.0", "published", ""), one("zoe", "2.0.0", "staged", ""), one("zoe", "3.0.0", "draft", ""),
		one("ann", "2.0.0", "retired", ""), one("ann", "1.0.0", "published", ""), one("bob", "1.0.0", "retired", ""),
		one("pre", "1.0.0-rc.1", "published", ""), one("pre", "0.9.0", "published", ""),
		one("dev", "1.0.0", "published", `,"channel":"dev"`), one("prod", "1.0.0", "published", `,"channel":"production"`),
		one("prod", "2.0.0", "published", `,"channel":"dev"`), `{"key":"quiet","version":"1.0.0","manifest":{}}`,
	}, ",") + "]"
	for channel, want := range map[string]string{
		"prod": "ann 1.0.0, pre 1.0.0-rc.1, prod 1.0.0, zoe 1.10.0",
		"dev":  "ann 1.0.0, dev 1.0.0, pre 1.0.0-rc.1, prod 2.0.0, zoe 1.10.0",
	} {
		x, err := decodeIndex([]byte(data), channel)
		if err != nil || len(x.errors) > 0 || offered(x) != want {
			t.Errorf("%s: %q, %v, %v", channel, offered(x), x.errors, err)
		}
	}
}

func TestFaultsNameEntryAndField(t *testing.T) {
	t.Parallel()
	const sum = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	for _, c := range []struct{ entry, want string }{
		{`{"key":"a","version":"1.0.0","bundle_url":"x.tar.gz"}`, "entry 2 (a 1.0.0): bundle_checksum must be the SHA-256 of the bundle, 64 hexadecimal digits"},
		{`{"key":"a","version":"1.0.0","bundle_url":"x","bundle_checksum":"` + sum[1:] + `"}`, "entry 2 (a 1.0.0): bundle_checksum must be"},
		{`{"key":"a","version":"1.0.0"}`, "entry 2 (a 1.0.0): bundle_url or manifest is missing"},
		{`{"key":"A","version":"1.0.0","manifest":{}}`, "entry 2 (A 1.0.0): key must be"},
		{`{"key":"../a","version":"1.0.0","manifest":{}}`, "entry 2 (../a 1.0.0): key must be"},
		{`{"version":"1.0.0","manifest":{}}`, "entry 2 (1.0.0): key must be"},
		{`{"key":"a","version":"1.0","manifest":{}}`, "entry 2 (a 1.0): version must be"},
		{`{"key":"a","version":1,"manifest":{}}`, "entry 2 (a): version must be text, not number"},
		{`{"key":"a","version":"1.0.0","manifest":[]}`, "entry 2 (a 1.0.0): manifest must be an object"},
		{`{"key":"a","version":"1.0.0","manifest":"x"}`, "entry 2 (a 1.0.0): manifest must be an object"},
		{`{"key":"a","version":"1.0.0","manifest":{},"status":"live"}`, "entry 2 (a 1.0.0): status must be draft, staged, published or retired"},
		{`{"key":"a","version":"1.0.0","manifest":{},"channel":"beta"}`, "entry 2 (a 1.0.0): channel must be dev or prod"},
		{`{"key":"a","version":"1.0.0","manifest":{},"bundle_checksm":"x"}`, `entry 2 (a 1.0.0): unknown field "bundle_checksm"`},
		{`{"key":"a","version":"1.0.0","manifest":{},"name":"` + strings.Repeat("ä", 101) + `"}`, "entry 2 (a 1.0.0): name must be at most 100 characters"},
		{`{"key":"a","version":"1.0.0","manifest":{},"description":"a\u001b[2J"}`, "entry 2 (a 1.0.0): description must be at most"},
		{`{"key":"a","version":"1.0.0","manifest":{},"icon":7}`, "entry 2 (a 1.0.0): icon must be text, not number"},
		{`{"key":"a","version":"1.0.0","manifest":{},"published_at":"yesterday"}`, "entry 2 (a 1.0.0): published_at must be a time"},
		{`{"key":"a","version":"1.0.0","manifest":{},"audience":"org"}`, "entry 2 (a 1.0.0): audience must be an object"},
		{`{"key":"a","version":"1.0.0","manifest":{},"audience":{"organization_allowlist":"org"}}`, "entry 2 (a 1.0.0): audience.organization_allowlist must be a list of texts"},
		{`{"key":"a","version":"1.0.0","manifest":{},"audience":{"org_allow_list":[""]}}`, "entry 2 (a 1.0.0): audience.org_allow_list must be a list of texts"},
		{`{"key":"good","version":"1.0.0+again","status":"published","manifest":{}}`, "entry 2 (good 1.0.0+again): this version of this tmate stands in the index twice"},
		{`"x"`, "entry 2: it must be an object"},
		{`7`, "entry 2: it must be an object"},
		{`null`, "entry 2: key must be"},
	} {
		x, err := decodeIndex([]byte(`[{"key":"good","version":"1.0.0","status":"published","manifest":{}},`+c.entry+`]`), "prod")
		if err != nil || len(x.errors) != 1 || !strings.HasPrefix(x.errors[0], c.want) || offered(x) != "good 1.0.0" {
			t.Errorf("%s:\n got %q, %v, offers %q\nwant %q", c.entry, x.errors, err, offered(x), c.want)
		}
	}
}

func TestIndexThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ data, want string }{
		{"", "not a JSON list"}, {"null", "not a JSON list"}, {"{}", "not a JSON list"}, {"<html>", "not a JSON list"}, {`["a"`, "not a JSON list"},
		{"[] []", "more after"}, {"[]x", "more after"}, {"[\"\xff\"]", "not UTF-8"},
		{"[" + strings.Repeat("0,", maxEntries) + "0]", "more than 5000 entries"},
		{strings.Repeat("[", 100000), "not a JSON list"},
	} {
		_, err := decodeIndex([]byte(c.data), "prod")
		if e, ok := errors.AsType[*tmates.Error](err); !ok || e.Kind != tmates.Unavailable || !strings.Contains(e.Msg, c.want) {
			t.Errorf("%.20q: %v, want %q", c.data, err, c.want)
		}
	}
	if x, err := decodeIndex([]byte(" [] \n"), "prod"); err != nil || len(x.offers) != 0 {
		t.Errorf("an empty index: %v", err)
	}
}

func TestIndexIsBounded(t *testing.T) {
	t.Parallel()
	var entries []string
	for i := range maxOffers + 5 {
		entries = append(entries, fmt.Sprintf(`{"key":"t%03d","version":"1.0.0","status":"published","manifest":{}}`, i))
	}
	for range maxErrors + 5 {
		entries = append(entries, `{"key":"x","`+strings.Repeat("ä", 1000)+`":1}`)
	}
	x, err := decodeIndex([]byte("["+strings.Join(entries, ",")+"]"), "prod")
	if err != nil || len(x.offers) != maxOffers || len(x.errors) != maxErrors || len(x.errors[0]) > maxReport+len("…") {
		t.Errorf("%d offers, %d errors, %v", len(x.offers), len(x.errors), err)
	}
}

func TestAllowLists(t *testing.T) {
	t.Parallel()
	x, err := decodeIndex([]byte(`[{"key":"a","version":"1.0.0","status":"published","manifest":{},"audience":{"organization_allowlist":[" o1 "],"org_allow_list":["o2"],"note":1}},
		{"key":"b","version":"1.0.0","status":"published","manifest":{},"audience":{"organization_allowlist":[]}},
		{"key":"c","version":"1.0.0","status":"published","manifest":{},"audience":null}]`), "prod")
	if err != nil || len(x.offers) != 3 {
		t.Fatal(x.errors, err)
	}
	var got [][]string
	for _, e := range x.offers {
		list, err := allowList(e.audience())
		if err != nil {
			t.Error(err)
		}
		got = append(got, list)
	}
	if diff := cmp.Diff([][]string{{"o1", "o2"}, nil, nil}, got); diff != "" {
		t.Error(diff)
	}
	if list, err := allowList(map[string]any{"organisation_allowlist": []any{"o1"}}); err == nil {
		t.Errorf("a list that is spelled wrong opens the tmate to everybody: %v", list)
	}
}

// An entry without a list of its own leaves the manifest's in force.
func TestWhichAllowListHolds(t *testing.T) {
	t.Parallel()
	manifest := map[string]any{"audience": map[string]any{"org_allow_list": []any{"o1"}}}
	for audience, want := range map[string][]string{
		``:                                  {"o1"},
		`null`:                              {"o1"},
		`{}`:                                {"o1"},
		`{"organization_allowlist":[]}`:     {"o1"},
		`{"organization_allowlist":["o2"]}`: {"o2"},
	} {
		tm := &agents.Tmate{Key: "a", Manifest: manifest}
		k := kept{entry: entry{Key: "a", Version: "1.0.0", Status: statusPublished}}
		if audience != "" {
			k.Audience = json.RawMessage(audience)
		}
		if err := k.describe(tm); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, tm.Offer.Organisations); diff != "" {
			t.Errorf("%s (-want +got):\n%s", audience, diff)
		}
	}
}

// FuzzIndex: whatever an index holds, what is offered is complete and in order,
// and nothing panics.
func FuzzIndex(f *testing.F) {
	f.Add([]byte(`[{"key":"a","version":"1.0.0","status":"published","manifest":{"name":"A"}}]`))
	f.Add([]byte(`[{"key":"a","version":"1.0.0-rc.1","status":"published","bundle_url":"../a.tar.gz","bundle_checksum":"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"}]`))
	f.Add([]byte(`[{"key":1},{"key":"a","audience":{"org_allow_list":[1]}},null,"x"]`))
	f.Add([]byte(`[`))
	f.Fuzz(func(t *testing.T, data []byte) {
		x, err := decodeIndex(data, "prod")
		if err != nil {
			return
		}
		last := ""
		for _, e := range x.offers {
			if e.Key <= last || !tmates.ValidKey(e.Key) || !validVersion(e.Version) || e.Status != statusPublished || e.check() != nil {
				t.Errorf("offer %+v after %q", e, last)
			}
			last = e.Key
			if e.BundleURL == "" {
				if _, err := e.manifestOnly(); err != nil {
					t.Errorf("manifest of %s: %v", e.Key, err)
				}
			}
		}
	})
}
