package ui_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/labstack/echo/v4"

	"github.com/tmates/tmates/server/ui"
)

var app = fstest.MapFS{
	"index.html":              {Data: []byte("<!doctype html>")},
	"manifest.webmanifest":    {Data: []byte("{}")},
	"worker.js":               {Data: []byte("self")},
	"icon.svg":                {Data: []byte("<svg/>")},
	"icon-192.png":            {Data: []byte("png")},
	"assets/app-Abc_123.js":   {Data: []byte("code")},
	"assets/app-Abc_123.css":  {Data: []byte("style")},
	"assets/_odd-12345678.js": {Data: []byte("code")},
}

func TestFiles(t *testing.T) {
	t.Parallel()
	e := echo.New()
	if err := ui.Mount(e, app); err != nil {
		t.Fatal(err)
	}
	const js, forever = "text/javascript; charset=utf-8", "public, max-age=31536000, immutable"
	for path, want := range map[string]struct{ kind, cache string }{
		"/":                        {"text/html; charset=utf-8", "no-cache"},
		"/manifest.webmanifest":    {"application/manifest+json", "no-cache"},
		"/worker.js":               {js, "no-cache"},
		"/icon.svg":                {"image/svg+xml", "no-cache"},
		"/icon-192.png":            {"image/png", "no-cache"},
		"/assets/app-Abc_123.js":   {js, forever},
		"/assets/app-Abc_123.css":  {"text/css; charset=utf-8", forever},
		"/assets/_odd-12345678.js": {js, forever},
	} {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			w := httptest.NewRecorder()
			e.ServeHTTP(w, httptest.NewRequest(method, path, nil))
			h := w.Header()
			if w.Code != http.StatusOK || h.Get("Content-Type") != want.kind || h.Get("Cache-Control") != want.cache {
				t.Errorf("%s %s: %d %v", method, path, w.Code, h)
			}
			policy := h.Get("Content-Security-Policy")
			if strings.Contains(policy, "unsafe") || strings.Contains(policy, "*") || !strings.Contains(policy, "default-src 'none'") ||
				!strings.Contains(policy, "frame-ancestors 'none'") {
				t.Errorf("%s: policy %s", path, policy)
			}
			if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Referrer-Policy") != "no-referrer" || h.Get("Permissions-Policy") == "" {
				t.Errorf("%s: %v", path, h)
			}
		}
	}
	// An asset of an older build is gone: the page would not know what to do with another one.
	for _, path := range []string{"/assets/app-00000000.js", "/assets", "/index.html", "/threads/1", "/assets/../worker.js"} {
		w := httptest.NewRecorder()
		e.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		if w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}

func TestWhatCannotBeServed(t *testing.T) {
	t.Parallel()
	for name, folder := range map[string]fstest.MapFS{
		"no page":       {"worker.js": {}},
		"unknown kinds": {"index.html": {}, "assets/a.wasm": {}},
	} {
		if err := ui.Mount(echo.New(), folder); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
