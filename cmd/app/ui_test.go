package app_test

import (
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/tmates/tmates/cmd/app/apptest"
	"github.com/tmates/tmates/server/ui"
	"github.com/tmates/tmates/web"
)

// TestTheWebAppIsWhole fetches the page and every file of the app as a browser
// does. The page names nothing that is not there, nothing of another server and
// nothing from the root, and has no code that its policy would not run.
func TestTheWebAppIsWhole(t *testing.T) {
	t.Parallel()
	a := apptest.Start(t, apptest.Options{})
	get := func(path, coding string) (*http.Response, string) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, a.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Accept-Encoding", coding)
		res, err := a.Client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = res.Body.Close() }()
		body, err := io.ReadAll(res.Body)
		if err != nil || res.StatusCode != http.StatusOK {
			t.Errorf("%s: %d, %v", path, res.StatusCode, err)
		}
		return res, string(body)
	}
	res, page := get("/", "identity")
	if policy := res.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") {
		t.Errorf("policy: %s", policy)
	}
	if regexp.MustCompile(`<script[^>]*>[^<]|<style|\son\w+=|\sstyle=`).MatchString(page) {
		t.Errorf("the page has code that its policy would not run:\n%s", page)
	}
	names, err := ui.Files(web.App())
	if err != nil {
		t.Fatal(err)
	}
	for _, link := range regexp.MustCompile(`(?:src|href)="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		name, relative := strings.CutPrefix(link[1], "./")
		if !relative {
			t.Errorf("the page links to %s", link[1])
			continue
		}
		get("/"+name, "br, gzip")
	}
	for _, name := range names {
		for _, coding := range []string{"br, gzip", "gzip", "identity"} {
			res, body := get(ui.Path(name), coding)
			forever := strings.Contains(res.Header.Get("Cache-Control"), "immutable")
			if body == "" || forever != strings.HasPrefix(name, "assets/") || forever && !regexp.MustCompile(`-[\w-]{8}\.\w+$`).MatchString(name) {
				t.Errorf("%s as %s: %d bytes, %v", name, coding, len(body), res.Header)
			}
		}
	}
}
