package static_test

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"testing/fstest"

	"github.com/labstack/echo/v4"

	"github.com/tmates/tmates/server/static"
)

const text = "console.log('the text itself')"

func packed(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func ask(f static.File, method string, header ...string) *httptest.ResponseRecorder {
	e := echo.New()
	e.Match([]string{http.MethodGet, http.MethodHead}, "/file", f.Handler())
	r := httptest.NewRequest(method, "/file", nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	e.ServeHTTP(w, r)
	return w
}

// TestForms sends each client the smallest form it reads, and never another one
// because of a tag that belongs to another form.
func TestForms(t *testing.T) {
	t.Parallel()
	gz := string(packed(t))
	all := fstest.MapFS{"a.js": {Data: []byte(text)}, "a.js.gz": {Data: []byte(gz)}, "a.js.br": {Data: []byte("brotli")}}
	stored := fstest.MapFS{"a.js.gz": {Data: []byte(gz)}, "a.js.br": {Data: []byte("brotli")}}
	for _, c := range []struct {
		accept       []string
		coding, body string
	}{
		{nil, "", text},
		{[]string{"gzip, deflate, br, zstd"}, "br", "brotli"},
		{[]string{"gzip", "br;q=0.1"}, "br", "brotli"},
		{[]string{"gzip, br;q=0"}, "gzip", gz},
		{[]string{"x-gzip"}, "gzip", gz},
		{[]string{"*"}, "br", "brotli"},
		{[]string{"br;q=0, *"}, "gzip", gz},
		{[]string{"identity"}, "", text},
		{[]string{"*;q=0"}, "", text},
		{[]string{"zstd"}, "", text},
	} {
		for name, folder := range map[string]fstest.MapFS{"all": all, "stored": stored} {
			var header []string
			for _, line := range c.accept {
				header = append(header, "Accept-Encoding", line)
			}
			f := static.File{Folder: folder, Name: "a.js", Type: "text/javascript"}
			w := ask(f, http.MethodGet, header...)
			h := w.Header()
			if w.Code != http.StatusOK || h.Get("Content-Encoding") != c.coding || w.Body.String() != c.body || h.Get("Vary") != "Accept-Encoding" || h.Get("ETag") == "" {
				t.Errorf("%s, %q: %d %v %q", name, c.accept, w.Code, h, w.Body)
			}
			head := ask(f, http.MethodHead, header...)
			if head.Code != http.StatusOK || head.Body.Len() > 0 || head.Header().Get("ETag") != h.Get("ETag") || head.Header().Get("Content-Type") != "text/javascript" {
				t.Errorf("HEAD, %s, %q: %d %v", name, c.accept, head.Code, head.Header())
			}
			if length := head.Header().Get("Content-Length"); length != strconv.Itoa(len(c.body)) && (name == "all" || c.coding != "") {
				t.Errorf("HEAD, %s, %q: length %s", name, c.accept, length)
			}
			same := ask(f, http.MethodGet, append(header, "If-None-Match", `"x", W/`+h.Get("ETag"))...)
			if same.Code != http.StatusNotModified || same.Body.Len() > 0 || same.Header().Get("Content-Encoding") != "" || same.Header().Get("ETag") != h.Get("ETag") {
				t.Errorf("again, %s, %q: %d %v", name, c.accept, same.Code, same.Header())
			}
			other := ask(f, http.MethodGet, "If-None-Match", h.Get("ETag"))
			if c.coding != "" && other.Code != http.StatusOK {
				t.Errorf("%s: the tag of %s stands for the text", name, c.coding)
			}
		}
	}
}

// TestPlainFilesDoNotVary: what has one form is the same for everybody.
func TestPlainFilesDoNotVary(t *testing.T) {
	t.Parallel()
	w := ask(static.File{Folder: fstest.MapFS{"a.png": {Data: []byte("png")}}, Name: "a.png", Type: "image/png"}, http.MethodGet, "Accept-Encoding", "br, gzip")
	if w.Code != http.StatusOK || w.Header().Get("Vary") != "" || w.Header().Get("Content-Encoding") != "" || w.Body.String() != "png" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	for _, folder := range []fstest.MapFS{{}, {"a.png.br": {Data: []byte("brotli")}}} {
		if w := ask(static.File{Folder: folder, Name: "a.png"}, http.MethodGet); w.Code != http.StatusInternalServerError {
			t.Errorf("what cannot be sent to everybody: %d", w.Code)
		}
	}
}
