package docs_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"io/fs"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/tmates/tmates/cmd/app/apptest"
	"github.com/tmates/tmates/cmd/config"
	"github.com/tmates/tmates/server/docs"
	"github.com/tmates/tmates/web"
)

// get asks without the client's own unpacking.
func get(t *testing.T, app *apptest.App, path string, header ...string) (*http.Response, []byte) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, app.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept-Encoding", "identity")
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := app.Client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, body
}

// Everything a page asks for comes from this server, and its policy lets nothing
// else in: no script in the page, no other address.
func TestPagesAreSelfContained(t *testing.T) {
	t.Parallel()
	app := apptest.Start(t, apptest.Options{})
	for _, path := range []string{"/docs", "/docs/", "/redoc"} {
		res, page := get(t, app, path)
		if res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != "text/html; charset=utf-8" {
			t.Errorf("%s: %d %s", path, res.StatusCode, res.Header.Get("Content-Type"))
		}
		policy := res.Header.Get("Content-Security-Policy")
		if !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "script-src 'self'") || strings.Contains(policy, "unsafe") ||
			strings.Contains(policy, "http") {
			t.Errorf("%s: policy %s", path, policy)
		}
		if regexp.MustCompile(`<script[^>]*>[^<]|<style|\son\w+=|\sstyle=`).Match(page) {
			t.Errorf("%s has code in the page, which the policy would not run:\n%s", path, page)
		}
		links := regexp.MustCompile(`(?:src|href)="([^"]*)"`).FindAllSubmatch(page, -1)
		if len(links) < 4 {
			t.Errorf("%s has %d links", path, len(links))
		}
		for _, link := range links {
			if to := string(link[1]); !slices.Contains(docs.Paths(), to) && to != "/openapi.json" && to != "data:," {
				t.Errorf("%s links to %s", path, to)
			}
		}
	}
	_, script := get(t, app, "/docs/docs.js")
	if regexp.MustCompile(`https?://`).Match(script) || !bytes.Contains(script, []byte("validatorUrl: null")) {
		t.Error("the script names other servers, or lets a foreign validator look at the document")
	}
}

// Packed files go out as they are to who can read them, unpacked to who cannot,
// and not at all to who has them.
func TestPackedFiles(t *testing.T) {
	t.Parallel()
	app := apptest.Start(t, apptest.Options{})
	for path, name := range map[string]string{"/docs/swagger-ui.css": "swagger-ui.css.gz", "/docs/swagger-ui-bundle.js": "swagger-ui-bundle.js.gz"} {
		packed, err := fs.ReadFile(web.Docs(), name)
		if err != nil {
			t.Fatal(err)
		}
		r, err := gzip.NewReader(bytes.NewReader(packed))
		if err != nil {
			t.Fatal(err)
		}
		plain, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		tags := map[string]bool{}
		for accept, want := range map[string][]byte{
			"gzip": packed, "br, gzip;q=0.5": packed, "*": packed, "GZIP": packed,
			"identity": plain, "gzip;q=0": plain, "br": plain, "*;q=0": plain, "gzip;q=0, *": plain, "gzip;q=x": plain,
		} {
			res, body := get(t, app, path, "Accept-Encoding", accept)
			wantCoding := map[bool]string{true: "gzip"}[len(want) == len(packed)]
			if res.StatusCode != http.StatusOK || !bytes.Equal(body, want) || res.Header.Get("Content-Encoding") != wantCoding || res.Header.Get("Vary") != "Accept-Encoding" {
				t.Errorf("%s, Accept-Encoding %s: %d, %d bytes, %v", path, accept, res.StatusCode, len(body), res.Header)
			}
			tag := res.Header.Get("ETag")
			tags[tag] = true
			if res, body = get(t, app, path, "Accept-Encoding", accept, "If-None-Match", tag); res.StatusCode != http.StatusNotModified || len(body) > 0 {
				t.Errorf("%s again: %d, %d bytes", path, res.StatusCode, len(body))
			}
		}
		if len(tags) != 2 || tags[""] {
			t.Errorf("%s has the tags %v", path, tags)
		}
	}
}

// The operator can turn the pages off; the document stays, and nothing else of
// the API changes.
func TestSwitchedOff(t *testing.T) {
	t.Parallel()
	app := apptest.Start(t, apptest.Options{Config: func(c *config.Config) { c.Docs = false }})
	for _, path := range docs.Paths() {
		if res, body := get(t, app, path); res.StatusCode != http.StatusNotFound || string(body) != `{"detail":"Not Found"}` {
			t.Errorf("%s: %d %s", path, res.StatusCode, body)
		}
	}
	if res, _ := get(t, app, "/openapi.json"); res.StatusCode != http.StatusOK {
		t.Errorf("the document: %d", res.StatusCode)
	}
}
