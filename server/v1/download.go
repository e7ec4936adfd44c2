package v1

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/tmates/tmates/server/token"
	"github.com/tmates/tmates/store/tmates"
)

const (
	// linkLife is how long a link to view a file is good.
	linkLife = 24 * time.Hour
	// moveTime is how long the next piece of a file, at most 32 KiB, may take to
	// be read by the client.
	moveTime = time.Minute
)

var errBadLink = tmates.E(tmates.Forbidden, "bad_view_token", nil, "Invalid or expired view token")

// downloadFile serves GET and HEAD /files/download/*.
func downloadFile(use folder) func(call) error {
	return func(c call) error {
		name, err := greedyValue(c)
		if err != nil {
			return err
		}
		f, content, err := use.OpenFile(c.ctx(), c.user, name)
		if err != nil {
			return err
		}
		defer func() { _ = content.Close() }()
		c.Response().Header().Set(echo.HeaderCacheControl, "private, no-cache")
		return serveFile(c, f, content, "attachment")
	}
}

// viewFile serves GET and HEAD /files/view/*: whoever has the link may see the
// file. Only what a browser shows without running anything is shown inline.
func viewFile(o Options) func(call) error {
	return func(c call) error {
		name, err := greedyValue(c)
		if err != nil {
			return err
		}
		var k checker
		query := c.QueryParams()
		user := k.query(query, "user_id")
		expires := int64(0)
		if text := k.query(query, "expires"); query.Has("expires") {
			expires = k.whole([]any{"query", "expires"}, text, -1<<62, 1<<62)
		}
		given := k.query(query, "token")
		if err := k.err(); err != nil {
			return err
		}
		if !token.ValidView(o.ViewKey, user, name, expires, given, o.Now()) {
			return errBadLink
		}
		f, content, err := o.Team.OpenFile(c.ctx(), user, name)
		if err != nil {
			return err
		}
		defer func() { _ = content.Close() }()
		disposition := "attachment"
		if shown[f.MediaType] {
			disposition = "inline"
		}
		c.Response().Header().Set(echo.HeaderCacheControl, "max-age=3600")
		return serveFile(c, f, content, disposition)
	}
}

// shown are the types that are viewed inline: pictures made of dots, and PDF.
var shown = map[string]bool{
	"image/png": true, "image/jpeg": true, "image/gif": true, "image/webp": true, "image/avif": true, "image/bmp": true,
	"image/heic": true, "image/tiff": true, "image/x-icon": true, "image/vnd.microsoft.icon": true, "application/pdf": true,
}

// query returns a required text of the query; of several the last counts.
func (k *checker) query(in url.Values, name string) string {
	values := in[name]
	if len(values) == 0 {
		k.missing([]any{"query", name}, nil)
		return ""
	}
	return values[len(values)-1]
}

// makeLink serves POST /files/generate-view-url/*. The link begins with the
// prefix that clients of upstream know (Q-F2), and names no file that is not
// there (Q-F4).
func makeLink(o Options) func(call) error {
	type answer struct {
		ViewURL   string `json:"view_url"`
		ExpiresAt int64  `json:"expires_at"`
	}
	return func(c call) error {
		name, err := greedyValue(c)
		if err != nil {
			return err
		}
		f, err := o.Team.FindFile(c.ctx(), c.user, name)
		if err != nil {
			return err
		}
		expires := o.Now().Add(linkLife).Unix()
		link := fmt.Sprintf("%s?user_id=%s&expires=%d&token=%s", tmates.ViewURL(f.Path), c.user, expires,
			token.SignView(o.ViewKey, c.user, f.Path, expires))
		return writeJSON(c, http.StatusOK, answer{link, expires})
	}
}

// serveFile answers with a file, or the part of it that is asked for. What is in
// it came from a stranger perhaps: a browser must not guess its type, nor run
// anything in it under this server's name.
func serveFile(c call, f tmates.File, content io.ReadSeeker, disposition string) error {
	header := c.Response().Header()
	kind := f.MediaType
	if strings.HasPrefix(kind, "text/") {
		kind += "; charset=utf-8"
	}
	header.Set(echo.HeaderContentType, kind)
	header.Set(echo.HeaderContentDisposition, disposition+"; "+filename(path.Base(f.Path)))
	header.Set(echo.HeaderXContentTypeOptions, "nosniff")
	header.Set(echo.HeaderContentSecurityPolicy, "default-src 'none'; style-src 'unsafe-inline'; sandbox")
	// A file is never changed in place by this program, and one that is laid over
	// it has another time.
	header.Set("ETag", `"`+strconv.FormatInt(f.Modified.UnixNano(), 36)+"-"+strconv.FormatInt(f.Size, 36)+`"`)
	out := &moving{Response: c.Response(), until: http.NewResponseController(c.Response()).SetWriteDeadline}
	http.ServeContent(out, c.Request(), "", f.Modified, content)
	return nil
}

// filename is the parameter of a Content-Disposition that names a file.
func filename(name string) string {
	if encoded := tmates.EscapePath(name); encoded != name {
		return "filename*=utf-8''" + encoded
	}
	return `filename="` + name + `"`
}

// moving writes an answer for as long as the client reads it: the server's own
// deadline for a request would cut a long download in the middle. A refused
// range or condition it words like every other error.
type moving struct {
	*echo.Response
	until   func(time.Time) error // sets the deadline of writing
	refused bool
}

// WriteHeader implements [http.ResponseWriter].
func (m *moving) WriteHeader(status int) {
	if status < http.StatusBadRequest {
		m.Response.WriteHeader(status)
		return
	}
	m.refused = true
	m.Header().Set(echo.HeaderContentType, "application/json")
	m.Header().Del(echo.HeaderContentDisposition)
	m.Response.WriteHeader(status)
	if data, err := encode(problem{refusal(status)}); err == nil {
		_, _ = m.Response.Write(data) // fails only when the client leaves now
	}
}

// refusal is what the client is told of a status of the standard library.
func refusal(status int) string {
	if status == http.StatusRequestedRangeNotSatisfiable {
		return "Requested range not satisfiable"
	}
	return http.StatusText(status)
}

// Write implements [io.Writer].
func (m *moving) Write(b []byte) (int, error) {
	if m.refused {
		return len(b), nil
	}
	_ = m.until(time.Now().Add(moveTime)) // recorders of tests know none
	return m.Response.Write(b)
}
