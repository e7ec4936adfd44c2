package static

import (
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/labstack/echo/v4"
)

// form is one way to send a file.
type form struct {
	ending string // of the stored file
	coding string // Content-Encoding; empty: the text itself
	unpack bool
}

// forms are tried in this order. Only gzip is unpacked here, so what is stored
// as .br is stored as .gz as well.
var forms = []form{{".br", "br", false}, {".gz", "gzip", false}, {"", "", false}, {".gz", "", true}}

// File is one file of a folder, and how it is served.
type File struct {
	Folder fs.FS
	Name   string // without .br and .gz
	Type   string // media type
	Policy string // Content-Security-Policy
	// Forever says that the content never changes under this address. Otherwise
	// browsers ask each time whether it has changed.
	Forever bool
	// Header is added to every answer.
	Header map[string]string
}

// Handler serves the file to GET and HEAD.
func (f File) Handler() echo.HandlerFunc {
	stored := sync.OnceValues(f.stored)
	return func(c echo.Context) error {
		tags, err := stored()
		if err != nil {
			return err
		}
		way, tag := choose(tags, c.Request().Header.Values(echo.HeaderAcceptEncoding))
		h := c.Response().Header()
		f.describe(h)
		if len(tags) > 1 || tags[""] == "" {
			h.Add(echo.HeaderVary, echo.HeaderAcceptEncoding)
		}
		h.Set("ETag", `"`+tag+`"`)
		if strings.Contains(c.Request().Header.Get("If-None-Match"), h.Get("ETag")) {
			return c.NoContent(http.StatusNotModified)
		}
		return f.send(c, way)
	}
}

// describe sets what every answer says.
func (f File) describe(h http.Header) {
	h.Set(echo.HeaderCacheControl, "no-cache")
	if f.Forever {
		h.Set(echo.HeaderCacheControl, "public, max-age=31536000, immutable")
	}
	h.Set(echo.HeaderContentSecurityPolicy, f.Policy)
	h.Set(echo.HeaderXContentTypeOptions, "nosniff")
	h.Set(echo.HeaderReferrerPolicy, "no-referrer")
	for name, value := range f.Header {
		h.Set(name, value)
	}
}

// stored returns the tags of the stored files, by ending.
func (f File) stored() (map[string]string, error) {
	tags := map[string]string{}
	for _, ending := range []string{".br", ".gz", ""} {
		tag, err := checksum(f.Folder, f.Name+ending)
		switch {
		case err == nil:
			tags[ending] = tag
		case !errors.Is(err, fs.ErrNotExist):
			return nil, err
		}
	}
	if tags[".gz"] == "" && tags[""] == "" {
		return nil, fmt.Errorf("serve %s: %w", f.Name, fs.ErrNotExist)
	}
	return tags, nil
}

// choose returns the form that a client is sent, and its tag. Each form is
// another text for a cache, so each has another tag.
func choose(tags map[string]string, accept []string) (way form, tag string) {
	for _, way = range forms {
		if tag = tags[way.ending]; tag != "" && (way.coding == "" || accepts(accept, way.coding)) {
			break
		}
	}
	if way.unpack {
		tag += "-plain"
	}
	return way, tag
}

// send streams the file, so that no copy of it stays in memory.
func (f File) send(c echo.Context, way form) error {
	file, err := f.Folder.Open(f.Name + way.ending)
	if err != nil {
		return fmt.Errorf("open %s: %w", f.Name, err)
	}
	defer func() { _ = file.Close() }() // only read
	h := c.Response().Header()
	if way.coding != "" {
		h.Set(echo.HeaderContentEncoding, way.coding)
	}
	var content io.Reader = file
	if way.unpack {
		if content, err = gzip.NewReader(file); err != nil {
			return fmt.Errorf("unpack %s: %w", f.Name, err)
		}
	} else if info, err := file.Stat(); err == nil {
		h.Set(echo.HeaderContentLength, strconv.FormatInt(info.Size(), 10))
	}
	if c.Request().Method == http.MethodHead {
		h.Set(echo.HeaderContentType, f.Type)
		return c.NoContent(http.StatusOK)
	}
	return c.Stream(http.StatusOK, f.Type, content)
}

func checksum(folder fs.FS, name string) (string, error) {
	f, err := folder.Open(name)
	if err != nil {
		return "", fmt.Errorf("open %s: %w", name, err)
	}
	defer func() { _ = f.Close() }()
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return "", fmt.Errorf("read %s: %w", name, err)
	}
	return hex.EncodeToString(sum.Sum(nil)[:8]), nil
}

// accepts reads the Accept-Encoding of a request: the coding, or anything at
// all, with a weight above 0.
func accepts(header []string, coding string) bool {
	accepted := false
	for item := range strings.SplitSeq(strings.Join(header, ","), ",") {
		name, weight, _ := strings.Cut(strings.ToLower(item), ";")
		_, q, weighted := strings.Cut(weight, "q=")
		value, err := strconv.ParseFloat(strings.TrimSpace(q), 64)
		wanted := !weighted || err == nil && value > 0
		switch strings.TrimPrefix(strings.TrimSpace(name), "x-") {
		case coding:
			return wanted // says more than a star
		case "*":
			accepted = wanted
		}
	}
	return accepted
}
