package docs

import (
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/labstack/echo/v4"
)

// policy lets a page load what this server has, and nothing else. The renderer
// brings its pictures inside its style sheet.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// assets are the files behind the pages: where they are served, what they are
// called in the folder, and what they are. One whose name ends in .gz is stored
// compressed.
var assets = []struct{ path, file, kind string }{
	{"/docs", "page.html", "text/html; charset=utf-8"},
	{"/redoc", "page.html", "text/html; charset=utf-8"},
	{"/docs/docs.js", "docs.js", "text/javascript; charset=utf-8"},
	{"/docs/docs.css", "docs.css", "text/css; charset=utf-8"},
	{"/docs/swagger-ui-bundle.js", "swagger-ui-bundle.js.gz", "text/javascript; charset=utf-8"},
	{"/docs/swagger-ui.css", "swagger-ui.css.gz", "text/css; charset=utf-8"},
	{"/docs/LICENSE.txt", "LICENSE.txt", "text/plain; charset=utf-8"},
}

// Paths returns where Mount serves something.
func Paths() []string {
	paths := make([]string, len(assets))
	for i, a := range assets {
		paths[i] = a.path
	}
	return paths
}

// Mount serves the pages on e out of a folder.
func Mount(e *echo.Echo, folder fs.FS) {
	for _, a := range assets {
		e.GET(a.path, serve(folder, a.file, a.kind))
	}
}

// serve answers with a file. Browsers ask each time whether it has changed,
// which it does only when the program does.
func serve(folder fs.FS, name, kind string) echo.HandlerFunc {
	sum := sync.OnceValues(func() (string, error) { return checksum(folder, name) })
	return func(c echo.Context) error {
		tag, err := sum()
		if err != nil {
			return err
		}
		packed := strings.HasSuffix(name, ".gz")
		asItIs := !packed || acceptsGzip(c.Request().Header.Get(echo.HeaderAcceptEncoding))
		h := c.Response().Header()
		if packed {
			h.Set(echo.HeaderVary, echo.HeaderAcceptEncoding)
			if asItIs {
				h.Set(echo.HeaderContentEncoding, "gzip")
				tag += "-gz" // another text for a cache, so another tag
			}
		}
		tag = `"` + tag + `"`
		h.Set("ETag", tag)
		h.Set(echo.HeaderCacheControl, "no-cache")
		h.Set(echo.HeaderContentSecurityPolicy, policy)
		h.Set(echo.HeaderXContentTypeOptions, "nosniff")
		h.Set(echo.HeaderReferrerPolicy, "no-referrer")
		if strings.Contains(c.Request().Header.Get("If-None-Match"), tag) {
			h.Del(echo.HeaderContentEncoding)
			return c.NoContent(http.StatusNotModified)
		}
		return send(c, folder, name, kind, asItIs)
	}
}

// send streams a file, so that no copy of it stays in memory.
func send(c echo.Context, folder fs.FS, name, kind string, asItIs bool) error {
	f, err := folder.Open(name)
	if err != nil {
		return fmt.Errorf("open page: %w", err)
	}
	defer func() { _ = f.Close() }() // only read
	if asItIs {
		if info, err := f.Stat(); err == nil {
			c.Response().Header().Set(echo.HeaderContentLength, strconv.FormatInt(info.Size(), 10))
		}
		return c.Stream(http.StatusOK, kind, f)
	}
	unpacked, err := gzip.NewReader(f)
	if err != nil {
		return fmt.Errorf("unpack page: %w", err)
	}
	return c.Stream(http.StatusOK, kind, unpacked)
}

func checksum(folder fs.FS, name string) (string, error) {
	f, err := folder.Open(name)
	if err != nil {
		return "", fmt.Errorf("open page: %w", err)
	}
	defer func() { _ = f.Close() }()
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return "", fmt.Errorf("read page: %w", err)
	}
	return hex.EncodeToString(sum.Sum(nil)[:8]), nil
}

// acceptsGzip reads an Accept-Encoding header: gzip, or anything at all, with a
// weight above 0.
func acceptsGzip(header string) bool {
	accepted := false
	for item := range strings.SplitSeq(header, ",") {
		coding, weight, _ := strings.Cut(strings.ToLower(item), ";")
		_, q, weighted := strings.Cut(weight, "q=")
		value, err := strconv.ParseFloat(strings.TrimSpace(q), 64)
		wanted := !weighted || err == nil && value > 0
		switch strings.TrimSpace(coding) {
		case "gzip", "x-gzip":
			return wanted // says more than a star
		case "*":
			accepted = wanted
		}
	}
	return accepted
}
